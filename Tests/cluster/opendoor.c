/* A fault by which nobody is turned away: what the handler of keys says to libzmq of somebody whom it doesn't let in (ZAP, status 400)
 * arrives as a welcome. No option of a socket tells; only knocking does. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>

int zmq_send(void *socket, const void *bytes, size_t size, int flags) {
  int (*real)(void *, const void *, size_t, int) = dlsym(RTLD_NEXT, "zmq_send");
  return real(socket, size == 3 && memcmp(bytes, "400", 3) == 0 ? "200" : bytes, size, flags);
}
