/* How late a timer of the kernel wakes a thread that does nothing else. */
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "CFloors.h"

int floor_timers(int per_second, int timers, uint64_t *late) {
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  if (timer < 0) return -1;
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  uint64_t step = 1000000000u / (uint64_t)per_second;
  uint64_t due = (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
  for (int number = 0; number < timers; number++) {
    due += step;
    struct itimerspec when = {.it_value = {.tv_sec = (time_t)(due / 1000000000u), .tv_nsec = (long)(due % 1000000000u)}};
    uint64_t rung;
    if (timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL) != 0 || read(timer, &rung, sizeof rung) != sizeof rung) {
      close(timer);
      return -1;
    }
    clock_gettime(CLOCK_MONOTONIC, &time);
    late[number] = (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec - due;
  }
  close(timer);
  return 0;
}
