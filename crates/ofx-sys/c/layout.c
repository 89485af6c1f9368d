/* The layouts of the OpenFX structures as a C compiler sees them, written down
 * once more from the standard. What depends on the machine's ABI alone is
 * asserted here; the table at the end is compared with openfx-sys by a test. */
#include <stddef.h>

typedef void (*function)(void);

typedef struct {
    void *host;
    const void *(*fetch_suite)(void *, const char *, int);
} Host;

typedef struct {
    const char *api;
    int api_version;
    const char *identifier;
    unsigned int version_major;
    unsigned int version_minor;
    void (*set_host)(Host *);
    int (*main_entry)(const char *, const void *, void *, void *);
} Plugin;

typedef struct { double x1, y1, x2, y2; } RectD;
typedef struct { int x1, y1, x2, y2; } RectI;
typedef struct { double min, max; } RangeD;
typedef struct { double x, y; } PointD;

_Static_assert(sizeof(int) == 4, "OpenFX hosts and plug-ins assume 32-bit int");
_Static_assert(sizeof(double) == 8, "OpenFX times are IEEE doubles");
_Static_assert(sizeof(function) == sizeof(void *), "suites are tables of pointers");
_Static_assert(sizeof(Host) == 2 * sizeof(void *), "OfxHost: handle, fetchSuite");
_Static_assert(offsetof(Host, fetch_suite) == sizeof(void *), "OfxHost.fetchSuite");
_Static_assert(offsetof(Plugin, api_version) == sizeof(void *), "OfxPlugin.apiVersion");
_Static_assert(offsetof(Plugin, identifier) == 2 * sizeof(void *), "OfxPlugin.pluginIdentifier");
_Static_assert(offsetof(Plugin, version_major) == 3 * sizeof(void *), "OfxPlugin.pluginVersionMajor");
_Static_assert(offsetof(Plugin, version_minor) == 3 * sizeof(void *) + 4, "OfxPlugin.pluginVersionMinor");
_Static_assert(offsetof(Plugin, main_entry) == offsetof(Plugin, set_host) + sizeof(void *), "OfxPlugin.mainEntry");
_Static_assert(sizeof(RectD) == 32 && sizeof(RectI) == 16, "rectangles are packed");

/* Number of functions in each suite. */
#define SUITE(count) (sizeof(function) * (count))

/* The order is that of `layout::expected` in src/layout.rs. */
const size_t headroom_ofx_layout[] = {
    sizeof(Host), offsetof(Host, fetch_suite),
    sizeof(Plugin), offsetof(Plugin, api_version), offsetof(Plugin, identifier),
    offsetof(Plugin, version_major), offsetof(Plugin, version_minor),
    offsetof(Plugin, set_host), offsetof(Plugin, main_entry),
    sizeof(RectD), offsetof(RectD, x2), sizeof(RectI), offsetof(RectI, x2),
    sizeof(RangeD), sizeof(PointD),
    SUITE(18), /* property v1 */
    SUITE(13), /* image effect v1 */
    SUITE(18), /* parameter v1 */
    SUITE(2),  /* memory v1 */
    SUITE(9),  /* multi-thread v1 */
    SUITE(1),  /* message v1 */
    SUITE(3),  /* message v2 */
    SUITE(3),  /* progress v1 */
    SUITE(3),  /* progress v2 */
    SUITE(3),  /* time line v1 */
    SUITE(1),  /* OpenCL program v1 */
};
const size_t headroom_ofx_layout_len = sizeof(headroom_ofx_layout) / sizeof(headroom_ofx_layout[0]);
