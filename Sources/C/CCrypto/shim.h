/* OpenSSL's own words for "hash these few bytes" are called deprecated; what it offers instead looks the algorithm up by its name for
   each hash, which costs more than a row's whole hash. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
