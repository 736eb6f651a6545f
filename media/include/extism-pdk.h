// What a function in C asks of its host: input, output, config, variables, log, HTTP.
// The host answers in its own memory: a handle (uint64_t) names a block there, 0 names none.
#ifndef WASMATE_EXTISM_PDK_H
#define WASMATE_EXTISM_PDK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Makes a function callable: EXTISM_EXPORT(name) int32_t name(void) { ... } */
#define EXTISM_EXPORT(name) __attribute__((export_name(#name)))

#define EXTISM_HOST(name) __attribute__((import_module("extism:host/env"), import_name(#name))) extern

typedef uint64_t ExtismHandle;

// The host ABI, one to one.
EXTISM_HOST(input_length) uint64_t extism_input_length(void);
EXTISM_HOST(input_load_u8) uint8_t extism_input_load_u8(uint64_t at);
EXTISM_HOST(input_load_u64) uint64_t extism_input_load_u64(uint64_t at);
EXTISM_HOST(length) uint64_t extism_length(ExtismHandle block);
EXTISM_HOST(alloc) ExtismHandle extism_alloc(uint64_t length);
EXTISM_HOST(free) void extism_free(ExtismHandle block);
EXTISM_HOST(load_u8) uint8_t extism_load_u8(uint64_t at);
EXTISM_HOST(load_u64) uint64_t extism_load_u64(uint64_t at);
EXTISM_HOST(store_u8) void extism_store_u8(uint64_t at, uint8_t value);
EXTISM_HOST(store_u64) void extism_store_u64(uint64_t at, uint64_t value);
EXTISM_HOST(output_set) void extism_output_set(ExtismHandle block, uint64_t length);
EXTISM_HOST(error_set) void extism_error_set(ExtismHandle block);
EXTISM_HOST(config_get) ExtismHandle extism_config_get(ExtismHandle key);
EXTISM_HOST(var_get) ExtismHandle extism_var_get(ExtismHandle key);
EXTISM_HOST(var_set) void extism_var_set(ExtismHandle key, ExtismHandle value);
EXTISM_HOST(log_debug) void extism_log_debug(ExtismHandle block);
EXTISM_HOST(log_info) void extism_log_info(ExtismHandle block);
EXTISM_HOST(log_warn) void extism_log_warn(ExtismHandle block);
EXTISM_HOST(log_error) void extism_log_error(ExtismHandle block);
EXTISM_HOST(http_request) ExtismHandle extism_http_request(ExtismHandle request, ExtismHandle body);
EXTISM_HOST(http_status_code) int32_t extism_http_status_code(void);

// What follows works on bytes in the function's own memory.

static inline size_t extism_text_length(const char *text) {
  size_t length = 0;
  while (text[length] != 0) length++;
  return length;
}

/** Copies bytes to the end of a text that is being made; gives its new end. What does not fit is cut off. */
static inline size_t extism_append(char *to, size_t size, size_t end, const char *from, size_t length) {
  for (size_t i = 0; i < length && end < size; i++) to[end++] = from[i];
  return end;
}

/** Copies `length` bytes into a block of the host. */
static inline void extism_store(ExtismHandle block, const void *from, size_t length) {
  const uint8_t *bytes = (const uint8_t *)from;
  size_t at = 0;
  for (; at + 8 <= length; at += 8) {
    uint64_t word;
    __builtin_memcpy(&word, bytes + at, 8);
    extism_store_u64(block + at, word);
  }
  for (; at < length; at++) extism_store_u8(block + at, bytes[at]);
}

/** Copies at most `size` bytes of a block into `to`; gives how many. */
static inline size_t extism_load(ExtismHandle block, void *to, size_t size) {
  uint64_t length = block == 0 ? 0 : extism_length(block);
  size_t count = length < size ? (size_t)length : size;
  uint8_t *bytes = (uint8_t *)to;
  size_t at = 0;
  for (; at + 8 <= count; at += 8) {
    uint64_t word = extism_load_u64(block + at);
    __builtin_memcpy(bytes + at, &word, 8);
  }
  for (; at < count; at++) bytes[at] = extism_load_u8(block + at);
  return count;
}

/** A new block with these bytes; free it with extism_free unless the host takes it. */
static inline ExtismHandle extism_block(const void *from, size_t length) {
  ExtismHandle block = extism_alloc(length);
  extism_store(block, from, length);
  return block;
}

static inline ExtismHandle extism_text(const char *text) { return extism_block(text, extism_text_length(text)); }

/** Copies at most `size` bytes of the input into `to`; gives how many. */
static inline size_t extism_input(void *to, size_t size) {
  uint64_t length = extism_input_length();
  size_t count = length < size ? (size_t)length : size;
  uint8_t *bytes = (uint8_t *)to;
  size_t at = 0;
  for (; at + 8 <= count; at += 8) {
    uint64_t word = extism_input_load_u64(at);
    __builtin_memcpy(bytes + at, &word, 8);
  }
  for (; at < count; at++) bytes[at] = extism_input_load_u8(at);
  return count;
}

static inline void extism_output(const void *from, size_t length) {
  extism_output_set(extism_block(from, length), length);
}

static inline void extism_output_text(const char *text) { extism_output(text, extism_text_length(text)); }

/** What the caller is told when the function then returns something other than 0. */
static inline void extism_error(const char *text) { extism_error_set(extism_text(text)); }

/** Copies a setting from wasmate.json into `to`; false when there is none. `*length` is how much was copied. */
static inline bool extism_config(const char *key, void *to, size_t size, size_t *length) {
  ExtismHandle name = extism_text(key);
  ExtismHandle value = extism_config_get(name);
  extism_free(name);
  *length = extism_load(value, to, size);
  return value != 0;
}

/** Copies a variable kept from an earlier call into `to`; false when there is none. */
static inline bool extism_var(const char *key, void *to, size_t size, size_t *length) {
  ExtismHandle name = extism_text(key);
  ExtismHandle value = extism_var_get(name);
  extism_free(name);
  *length = extism_load(value, to, size);
  return value != 0;
}

/** Keeps a variable for later calls. */
static inline void extism_keep(const char *key, const void *from, size_t length) {
  extism_var_set(extism_text(key), extism_block(from, length));
}

static inline void extism_log(const char *text) { extism_log_info(extism_text(text)); }

#ifdef __cplusplus
}
#endif

#endif
