// What AddressSanitizer has to find: memory that is used after it was freed.

#include <stdlib.h>

int main(void) {
    volatile int *number = malloc(sizeof *number);
    if (number == NULL) return 1;
    *number = 0;
    free((void *)number);
    return *number < 0;
}
