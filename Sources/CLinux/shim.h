#include <sys/vfs.h>
#include <sys/eventfd.h>
