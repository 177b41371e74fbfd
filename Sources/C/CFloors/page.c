/* The least that stands between an alert that is handed in and its page at the provider: what intake, the escalator and the notifier each
   put on disk, and the request. Three files, each with a row and an fdatasync, and then a POST over a connection that is kept. */
#include <curl/curl.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "CFloors.h"

enum { FILES = 3, ROW_BYTES = 1024, BODY_BYTES = 600 };

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static size_t drop(char *bytes, size_t size, size_t count, void *nothing) {
  (void)bytes, (void)nothing;
  return size * count;
}

int floor_page(const char *url, const char *directory, int pages, uint64_t *latencies) {
  char path[4096], row[ROW_BYTES], body[BODY_BYTES];
  int files[FILES], failed = 0;
  memset(row, 'r', sizeof row);
  memset(body, 'x', sizeof body);
  for (int index = 0; index < FILES; index++) {
    snprintf(path, sizeof path, "%s/floor-%d", directory, index);
    files[index] = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (files[index] < 0) failed = 1;
  }
  CURL *easy = curl_easy_init();
  struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
  headers = curl_slist_append(headers, "Expect:");
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 10000L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)sizeof body);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
  for (int page = 0; page < pages && !failed; page++) {
    uint64_t began = now();
    for (int index = 0; index < FILES; index++)
      if (write(files[index], row, sizeof row) != sizeof row || fdatasync(files[index]) != 0) failed = 1;
    long status = 0;
    if (curl_easy_perform(easy) != CURLE_OK || curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK || status != 200)
      failed = 1;
    latencies[page] = now() - began;
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
  }
  for (int index = 0; index < FILES; index++)
    if (files[index] >= 0) close(files[index]);
  curl_easy_cleanup(easy);
  curl_slist_free_all(headers);
  return failed ? -1 : 0;
}
