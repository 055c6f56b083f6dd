#pragma once

#include "CLinux.h"

/// Writes an address as the kernel takes it; the index is the scope of a link-local one.
socklen_t gw_make_name(struct sockaddr_storage *name, const struct gw_address *address,
                       uint16_t port, uint32_t interface_index);
