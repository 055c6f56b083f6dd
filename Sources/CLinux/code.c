#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24
#endif

enum { MOST_PARTS = 8, STEP = 512 };

/// The parts of the program itself that nobody writes to: code, constants, tables.
struct program {
    int count;
    struct {
        uintptr_t start;
        size_t pages;
    } parts[MOST_PARTS];
};

static uintptr_t page_size(void) { return (uintptr_t)sysconf(_SC_PAGESIZE); }

static int find_parts(struct dl_phdr_info *object, size_t size, void *context) {
    (void)size;
    struct program *program = context;
    uintptr_t page = page_size();
    for (int number = 0; number < object->dlpi_phnum; number++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[number];
        if (part->p_type != PT_LOAD || (part->p_flags & PF_W)) continue;
        if (program->count == MOST_PARTS) break;
        uintptr_t start = (object->dlpi_addr + part->p_vaddr) & ~(page - 1);
        uintptr_t end = object->dlpi_addr + part->p_vaddr + part->p_memsz;
        program->parts[program->count].start = start;
        program->parts[program->count].pages = (end - start + page - 1) / page;
        program->count++;
    }
    // The program comes first, its libraries after it.
    return 1;
}

static struct program find_program(void) {
    struct program program = {0};
    dl_iterate_phdr(find_parts, &program);
    return program;
}

size_t gw_code_page_count(void) {
    struct program program = find_program();
    size_t count = 0;
    for (int number = 0; number < program.count; number++) count += program.parts[number].pages;
    return count;
}

static int note(int map, uintptr_t page, size_t pages, uint8_t *is_there) {
    uint64_t entries[STEP];
    for (size_t done = 0; done < pages;) {
        size_t step = pages - done < STEP ? pages - done : STEP;
        ssize_t size = pread(map, entries, step * 8, (off_t)((page + done) * 8));
        if (size < 0) return -errno;
        if ((size_t)size != step * 8) return -EIO;
        for (size_t place = 0; place < step; place++) is_there[done + place] = entries[place] >> 63;
        done += step;
    }
    return 0;
}

int gw_note_code(uint8_t *is_there, size_t count) {
    struct program program = find_program();
    int map = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    if (map < 0) return -errno;
    int result = 0;
    for (int number = 0; number < program.count && result == 0; number++) {
        size_t pages = program.parts[number].pages;
        if (pages > count) break;
        result = note(map, program.parts[number].start / page_size(), pages, is_there);
        is_there += pages;
        count -= pages;
    }
    close(map);
    return result;
}

void gw_release_code_but(const uint8_t *is_kept, size_t count) {
    struct program program = find_program();
    uintptr_t page = page_size();
    for (int number = 0; number < program.count; number++) {
        size_t pages = program.parts[number].pages;
        if (pages > count) break;
        for (size_t end, first = 0; first < pages; first = end) {
            for (end = first + 1; end < pages && is_kept[end] == is_kept[first];) end++;
            if (is_kept[first]) continue;
            void *start = (void *)(program.parts[number].start + first * page);
            // Locked or not, and no lock is taken away for it; older kernels know the other only.
            if (madvise(start, (end - first) * page, MADV_DONTNEED_LOCKED) < 0)
                madvise(start, (end - first) * page, MADV_DONTNEED);
        }
        is_kept += pages;
        count -= pages;
    }
}
