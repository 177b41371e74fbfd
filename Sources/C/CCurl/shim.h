#include <curl/curl.h>

/* curl_easy_setopt, curl_easy_getinfo and curl_multi_setopt are variadic, which Swift does not import. */
static inline CURLcode tocsin_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode tocsin_set_text(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode tocsin_set_pointer(CURL *easy, CURLoption option, void *value) {
  return curl_easy_setopt(easy, option, value);
}
typedef size_t (*tocsin_take_bytes)(char *, size_t, size_t, void *);
static inline CURLcode tocsin_set_take_bytes(CURL *easy, CURLoption option, tocsin_take_bytes take) {
  return curl_easy_setopt(easy, option, take);
}
typedef int (*tocsin_progress)(void *, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
static inline CURLcode tocsin_set_progress(CURL *easy, tocsin_progress progress) {
  return curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, progress);
}
typedef curl_socket_t (*tocsin_open_socket)(void *, curlsocktype, struct curl_sockaddr *);
static inline CURLcode tocsin_set_open_socket(CURL *easy, tocsin_open_socket open) {
  return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open);
}
typedef int (*tocsin_close_socket)(void *, curl_socket_t);
static inline CURLcode tocsin_set_close_socket(CURL *easy, tocsin_close_socket close) {
  return curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close);
}
static inline CURLcode tocsin_get_long(CURL *easy, CURLINFO info, long *value) {
  return curl_easy_getinfo(easy, info, value);
}
static inline CURLcode tocsin_get_size(CURL *easy, CURLINFO info, curl_off_t *value) {
  return curl_easy_getinfo(easy, info, value);
}
static inline CURLMcode tocsin_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}
/* What a CURLMsg says, without its union. */
static inline CURLcode tocsin_result(const CURLMsg *message) { return message->data.result; }
