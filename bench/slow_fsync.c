/* Adds two milliseconds to every fsync and fdatasync of the program that it is preloaded into, as a
   plain disk would; sync_file_range, which promises nothing, stays as it is. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

typedef int (*sync_call)(int);

static int slowly(const char *name, int file)
{
    static const struct timespec pause = {0, 2000000};
    sync_call real = (sync_call)dlsym(RTLD_NEXT, name);
    nanosleep(&pause, NULL);
    return real(file);
}

int fsync(int file)
{
    return slowly("fsync", file);
}

int fdatasync(int file)
{
    return slowly("fdatasync", file);
}
