#include "CProcess.h"
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/timex.h>

/* A limit of 0 doesn't keep the kernel from handing a dump to a program, which is what core_pattern often names; of 1 does, and no file
   is begun for so little. */
static const rlim_t core_limit = 1;

int tocsin_hide_memory(void) {
  struct rlimit limit = {core_limit, core_limit};
  if (setrlimit(RLIMIT_CORE, &limit) != 0) {
    /* Somebody has set a lower one that can't be raised. */
    struct rlimit found;
    if (getrlimit(RLIMIT_CORE, &found) != 0 || found.rlim_cur > core_limit) return -1;
  }
  return prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L);
}

int tocsin_memory_is_hidden(void) {
  struct rlimit limit;
  return getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur <= core_limit && prctl(PR_GET_DUMPABLE, 0L, 0L, 0L, 0L) == 0;
}

long tocsin_open_files_at_most(void) {
  struct rlimit limit;
  return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (long)limit.rlim_cur : 0;
}

int tocsin_clock_is_kept(void) {
  struct timex state = {0};
  return adjtimex(&state) >= 0 && (state.status & STA_UNSYNC) == 0;
}
