// Lets a test hang a tier's disk: preloaded, every flush waits for as long as the file HANGING_DISK exists.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void wait_for_the_disk(void) {
  const char *path = getenv("HANGING_DISK");
  while (path && access(path, F_OK) == 0) usleep(5000);
}

#define DEFINE_FLUSH(name) \
  int name(int file) { \
    static int (*real)(int); \
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, #name); \
    wait_for_the_disk(); \
    return real(file); \
  }
DEFINE_FLUSH(fsync)
DEFINE_FLUSH(fdatasync)
