// A function in C that keeps something between its calls: how many there were.
//   curl -d 'Ada' http://127.0.0.1:7070/functions/NAME
#include <extism-pdk.h>

static char answer[256];

static size_t append_number(size_t end, uint32_t number) {
  char digits[10];
  size_t first = sizeof digits;
  do digits[--first] = '0' + number % 10;
  while ((number /= 10) > 0);
  return extism_append(answer, sizeof answer, end, digits + first, sizeof digits - first);
}

// Every exported function without parameters can be called. The input is the body of the call.
EXTISM_EXPORT(count) int32_t count(void) {
  char name[200];
  size_t length = extism_input(name, sizeof name);
  while (length > 0 && name[length - 1] == '\n') length--;

  // All calls of the function see its vars, and they are kept while the emulator runs.
  uint32_t calls = 0;
  size_t copied;
  extism_var("calls", &calls, sizeof calls, &copied);
  calls++;
  extism_keep("calls", &calls, sizeof calls);

  size_t end = extism_append(answer, sizeof answer, 0, "Hello, ", 7);
  if (length > 0) end = extism_append(answer, sizeof answer, end, name, length);
  else end = extism_append(answer, sizeof answer, end, "world", 5);
  end = extism_append(answer, sizeof answer, end, "! This is call ", 15);
  end = append_number(end, calls);
  end = extism_append(answer, sizeof answer, end, ".", 1);

  extism_output(answer, end);
  return 0; // anything else says that the call failed
}
