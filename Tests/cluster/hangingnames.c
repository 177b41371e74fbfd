// Lets a test hang the name service: preloaded, a name that ends in ".hangs" is looked up for half a minute, and not found.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
  static int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
  if (!real) real = (int (*)(const char *, const char *, const struct addrinfo *, struct addrinfo **))dlsym(RTLD_NEXT, "getaddrinfo");
  size_t length = name ? strlen(name) : 0;
  if (length > 6 && strcmp(name + length - 6, ".hangs") == 0) {
    sleep(30);
    return EAI_AGAIN;
  }
  return real(name, service, hints, found);
}
