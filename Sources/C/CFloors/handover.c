/* A bare libcurl loop: so many POST requests at once by the multi interface, each handle used again as it is. */
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "CFloors.h"

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static size_t drop(char *bytes, size_t size, size_t count, void *nothing) {
  (void)bytes, (void)nothing;
  return size * count;
}

uint64_t floor_hand_over(const char *url, int in_flight, int requests, int body_bytes) {
  CURLM *multi = curl_multi_init();
  CURL **all = calloc((size_t)in_flight, sizeof *all);
  char *body = malloc((size_t)body_bytes);
  memset(body, 'x', (size_t)body_bytes);
  struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
  headers = curl_slist_append(
    headers, "Tocsin-Signature: t=1800000000,v1=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
  headers = curl_slist_append(headers, "Tocsin-Page-Id: floor-1000/p7/1#0");
  headers = curl_slist_append(headers, "Idempotency-Key: floor-1000/p7/1#0");
  headers = curl_slist_append(headers, "Expect:");
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)in_flight);
  int begun = 0, ended = 0, failed = 0, running = 0;
  uint64_t began = now();
  for (; begun < in_flight && begun < requests; begun++) {
    CURL *easy = all[begun] = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 10000L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)body_bytes);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
    curl_multi_add_handle(multi, easy);
  }
  while (ended < requests && failed == 0) {
    curl_multi_perform(multi, &running);
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
      CURL *easy = message->easy_handle;
      long status = 0;
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      if (message->data.result != CURLE_OK || status != 200) failed++;
      ended++;
      curl_multi_remove_handle(multi, easy);
      if (begun == requests) continue;
      begun++;
      curl_multi_add_handle(multi, easy);
    }
    if (ended < requests) curl_multi_poll(multi, NULL, 0, 1000, NULL);
  }
  uint64_t took = now() - began;
  for (int index = 0; index < in_flight; index++)
    if (all[index] != NULL) {
      curl_multi_remove_handle(multi, all[index]);
      curl_easy_cleanup(all[index]);
    }
  curl_multi_cleanup(multi);
  curl_slist_free_all(headers);
  free(all);
  free(body);
  return failed == 0 ? took : 0;
}
