/* SPDX-License-Identifier: MIT */
#ifndef TRANSFER_H
#define TRANSFER_H

/*
 * libcurl on green threads: curl_easy_perform() that parks. All of it is for
 * the green threads of one worker.
 */

#include <curl/curl.h>

/* Once, before all else; 0 or a negative error. */
int transfers_begin(void);

/* When no transfer is left. */
void transfers_end(void);

/* Do what a handle has been set up for, as curl_easy_perform() does. Other
 * green threads run meanwhile. When the caller is cancelled it is given up, and
 * the result is CURLE_ABORTED_BY_CALLBACK. The callbacks of the handle must not
 * park. CURLOPT_PRIVATE is ours. */
CURLcode transfer(CURL *handle);

#endif
