/* The OpenFX suite functions that take variable arguments. Each asks Rust for
 * the parameter's shape, collects what the plug-in passed and hands it on. */
#include <stdarg.h>
#include <stdio.h>
#include <stddef.h>

enum { OK = 0, ERR_BAD_HANDLE = 9, MAX_COMPONENTS = 4, MESSAGE_BYTES = 4096 };

/* Storage of a parameter: 'd' doubles, 'i' ints, 's' one string. */
struct shape {
    int storage;
    int count;
};

/* Defined in src/suite/param.rs and src/suite/message.rs. A negative status
 * cannot occur in OpenFX; Rust returns one of the standard's. */
int headroom_host_param_shape(void *param, struct shape *shape);
int headroom_host_param_get(void *param, const double *time, void **targets, int count);
int headroom_host_param_set(void *param, const double *time, const double *doubles,
                            const int *ints, const char *text, int count);
int headroom_host_param_calculus(void *param, int integral);
int headroom_host_message(void *handle, const char *type, const char *id, const char *text,
                          int persistent);

static int get(void *param, const double *time, va_list *arguments) {
    struct shape shape = {0, 0};
    int status = headroom_host_param_shape(param, &shape);
    if (status != OK) return status;
    void *targets[MAX_COMPONENTS] = {NULL, NULL, NULL, NULL};
    for (int i = 0; i < shape.count && i < MAX_COMPONENTS; ++i)
        targets[i] = va_arg(*arguments, void *);
    return headroom_host_param_get(param, time, targets, shape.count);
}

static int set(void *param, const double *time, va_list *arguments) {
    struct shape shape = {0, 0};
    int status = headroom_host_param_shape(param, &shape);
    if (status != OK) return status;
    double doubles[MAX_COMPONENTS] = {0, 0, 0, 0};
    int ints[MAX_COMPONENTS] = {0, 0, 0, 0};
    const char *text = NULL;
    for (int i = 0; i < shape.count && i < MAX_COMPONENTS; ++i) {
        if (shape.storage == 'd') doubles[i] = va_arg(*arguments, double);
        else if (shape.storage == 'i') ints[i] = va_arg(*arguments, int);
        else text = va_arg(*arguments, const char *);
    }
    return headroom_host_param_set(param, time, doubles, ints, text, shape.count);
}

int headroom_host_param_get_value(void *param, ...) {
    va_list arguments;
    va_start(arguments, param);
    int status = get(param, NULL, &arguments);
    va_end(arguments);
    return status;
}

int headroom_host_param_get_value_at_time(void *param, double time, ...) {
    va_list arguments;
    va_start(arguments, time);
    int status = get(param, &time, &arguments);
    va_end(arguments);
    return status;
}

int headroom_host_param_set_value(void *param, ...) {
    va_list arguments;
    va_start(arguments, param);
    int status = set(param, NULL, &arguments);
    va_end(arguments);
    return status;
}

int headroom_host_param_set_value_at_time(void *param, double time, ...) {
    va_list arguments;
    va_start(arguments, time);
    int status = set(param, &time, &arguments);
    va_end(arguments);
    return status;
}

int headroom_host_param_get_derivative(void *param, double time, ...) {
    (void)time;
    return headroom_host_param_calculus(param, 0);
}

int headroom_host_param_get_integral(void *param, double from, double to, ...) {
    (void)from;
    (void)to;
    return headroom_host_param_calculus(param, 1);
}

static int message(void *handle, const char *type, const char *id, const char *format,
                   va_list *arguments, int persistent) {
    char text[MESSAGE_BYTES] = "";
    if (format) vsnprintf(text, sizeof text, format, *arguments);
    return headroom_host_message(handle, type, id, format ? text : NULL, persistent);
}

int headroom_host_show_message(void *handle, const char *type, const char *id,
                               const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int status = message(handle, type, id, format, &arguments, 0);
    va_end(arguments);
    return status;
}

int headroom_host_set_persistent_message(void *handle, const char *type, const char *id,
                                         const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int status = message(handle, type, id, format, &arguments, 1);
    va_end(arguments);
    return status;
}
