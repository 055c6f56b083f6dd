#include "CEv.h"
