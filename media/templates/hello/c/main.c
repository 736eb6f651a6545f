// A function in C. Save it, and the next call answers from the new bytes.
//   curl -d 'Ada' http://127.0.0.1:7070/functions/NAME
#include <extism-pdk.h>

static char answer[256];

// Every exported function without parameters can be called. The input is the body of the call.
EXTISM_EXPORT(hello) int32_t hello(void) {
  char name[200];
  size_t length = extism_input(name, sizeof name);
  while (length > 0 && name[length - 1] == '\n') length--;

  size_t end = 0;
  end = extism_append(answer, sizeof answer, end, "Hello, ", 7);
  if (length > 0) end = extism_append(answer, sizeof answer, end, name, length);
  else end = extism_append(answer, sizeof answer, end, "world", 5);
  end = extism_append(answer, sizeof answer, end, "!", 1);

  extism_output(answer, end);
  return 0; // anything else says that the call failed
}
