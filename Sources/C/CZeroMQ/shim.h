#define _GNU_SOURCE
#include <pthread.h>
#include <sys/eventfd.h>
#include <zmq.h>

/* Variadic or macro-made names that Swift does not import. */
static inline int tocsin_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
int pthread_setname_np(pthread_t thread, const char *name);
