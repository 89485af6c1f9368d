/* As much of the OpenFX interface as the test plug-ins use, written down from
 * the standard independently of the bindings that the host uses. */
#ifndef OFX_SMALL_H
#define OFX_SMALL_H
#include <stddef.h>

typedef void *Handle;
typedef struct { double x1, y1, x2, y2; } RectD;

typedef struct {
    Handle host;
    const void *(*fetchSuite)(Handle host, const char *name, int version);
} OfxHost;

typedef int Entry(const char *action, const void *handle, Handle in, Handle out);

typedef struct {
    const char *pluginApi;
    int apiVersion;
    const char *pluginIdentifier;
    unsigned int pluginVersionMajor, pluginVersionMinor;
    void (*setHost)(OfxHost *);
    Entry *mainEntry;
} OfxPlugin;

typedef struct {
    int (*setPointer)(Handle, const char *, int, void *);
    int (*setString)(Handle, const char *, int, const char *);
    int (*setDouble)(Handle, const char *, int, double);
    int (*setInt)(Handle, const char *, int, int);
    int (*setPointerN)(Handle, const char *, int, void *const *);
    int (*setStringN)(Handle, const char *, int, const char *const *);
    int (*setDoubleN)(Handle, const char *, int, const double *);
    int (*setIntN)(Handle, const char *, int, const int *);
    int (*getPointer)(Handle, const char *, int, void **);
    int (*getString)(Handle, const char *, int, char **);
    int (*getDouble)(Handle, const char *, int, double *);
    int (*getInt)(Handle, const char *, int, int *);
    int (*getPointerN)(Handle, const char *, int, void **);
    int (*getStringN)(Handle, const char *, int, char **);
    int (*getDoubleN)(Handle, const char *, int, double *);
    int (*getIntN)(Handle, const char *, int, int *);
    int (*reset)(Handle, const char *);
    int (*getDimension)(Handle, const char *, int *);
} PropertySuite;

typedef struct {
    int (*getPropertySet)(Handle effect, Handle *props);
    int (*getParamSet)(Handle effect, Handle *params);
    int (*clipDefine)(Handle effect, const char *name, Handle *props);
    int (*clipGetHandle)(Handle effect, const char *name, Handle *clip, Handle *props);
    int (*clipGetPropertySet)(Handle clip, Handle *props);
    int (*clipGetImage)(Handle clip, double time, const RectD *region, Handle *image);
    int (*clipReleaseImage)(Handle image);
    int (*clipGetRegionOfDefinition)(Handle clip, double time, RectD *bounds);
    int (*abort)(Handle effect);
    int (*imageMemoryAlloc)(Handle effect, size_t bytes, Handle *memory);
    int (*imageMemoryFree)(Handle memory);
    int (*imageMemoryLock)(Handle memory, void **address);
    int (*imageMemoryUnlock)(Handle memory);
} EffectSuite;

typedef struct {
    int (*define)(Handle params, const char *type, const char *name, Handle *props);
    int (*getHandle)(Handle params, const char *name, Handle *param, Handle *props);
    int (*setGetPropertySet)(Handle params, Handle *props);
    int (*getPropertySet)(Handle param, Handle *props);
    int (*getValue)(Handle param, ...);
    int (*getValueAtTime)(Handle param, double time, ...);
    int (*getDerivative)(Handle param, double time, ...);
    int (*getIntegral)(Handle param, double from, double to, ...);
    int (*setValue)(Handle param, ...);
    int (*setValueAtTime)(Handle param, double time, ...);
    int (*getNumKeys)(Handle param, unsigned int *count);
} ParameterSuite;

typedef struct {
    int (*alloc)(void *handle, size_t bytes, void **block);
    int (*free)(void *block);
} MemorySuite;

typedef struct {
    int (*message)(void *handle, const char *type, const char *id, const char *format, ...);
    int (*setPersistentMessage)(void *handle, const char *type, const char *id,
                                const char *format, ...);
    int (*clearPersistentMessage)(void *handle);
} MessageSuite;

enum { OK = 0, FAILED = 1, REPLY_DEFAULT = 14, ERR_IMAGE_FORMAT = 1000 };

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif
#endif
