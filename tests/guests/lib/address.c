#include "address.h"

#include <string.h>

static bool parse_ipv4(const char *string, size_t length, network_ipv4_address_t *address) {
  uint8_t *octets = &address->f0;
  for (int i = 0; i < 4; i++) {
    const char *dot = i < 3 ? memchr(string, '.', length) : string + length;
    uint64_t octet;
    if (dot == NULL || !parse_number(string, (size_t)(dot - string), 255, &octet)) return false;
    octets[i] = (uint8_t)octet;
    size_t eaten = (size_t)(dot - string) + (i < 3);
    string += eaten;
    length -= eaten;
  }
  return true;
}

static bool parse_group(const char **string, const char *end, uint16_t *group) {
  uint32_t value = 0;
  int digits = 0;
  for (; *string < end; (*string)++, digits++) {
    char c = **string | 0x20;
    unsigned digit = c >= '0' && c <= '9' ? (unsigned)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
    if (digit == 16) break;
    if (digits == 4) return false;
    value = value * 16 + digit;
  }
  *group = (uint16_t)value;
  return digits > 0;
}

static bool parse_ipv6(const char *string, size_t length, network_ipv6_address_t *address) {
  const char *end = string + length;
  uint16_t groups[8] = {0};
  int count = 0, gap = -1;
  if (length >= 2 && string[0] == ':' && string[1] == ':') {
    gap = 0;
    string += 2;
  }
  while (string < end) {
    if (count == 8 || !parse_group(&string, end, &groups[count++])) return false;
    if (string == end) break;
    if (*string++ != ':' || string == end) return false;
    if (*string == ':') {
      if (gap >= 0) return false;
      gap = count;
      string++;
    }
  }
  if (gap < 0 ? count != 8 : count > 7) return false;
  if (gap >= 0) {
    int tail = count - gap;
    memmove(groups + 8 - tail, groups + gap, (size_t)tail * sizeof *groups);
    memset(groups + gap, 0, (size_t)(8 - count) * sizeof *groups);
  }
  memcpy(address, groups, sizeof groups);
  return true;
}

bool parse_address(const char *string, size_t length, network_ip_socket_address_t *address) {
  size_t colon = length;
  while (colon > 0 && string[colon - 1] != ':') colon--;
  uint64_t port;
  if (colon == 0 || !parse_number(string + colon, length - colon, 65535, &port)) return false;
  size_t host = colon - 1;
  memset(address, 0, sizeof *address);
  if (host >= 2 && string[0] == '[' && string[host - 1] == ']') {
    address->tag = NETWORK_IP_SOCKET_ADDRESS_IPV6;
    address->val.ipv6.port = (uint16_t)port;
    return parse_ipv6(string + 1, host - 2, &address->val.ipv6.address);
  }
  address->tag = NETWORK_IP_SOCKET_ADDRESS_IPV4;
  address->val.ipv4.port = (uint16_t)port;
  return parse_ipv4(string, host, &address->val.ipv4.address);
}

static void put_ipv6(struct text *text, const network_ipv6_address_t *address) {
  uint16_t groups[8];
  memcpy(groups, address, sizeof groups);
  int gap = -1, gap_length = 1;
  for (int i = 0; i < 8; i++) {
    int length = 0;
    while (i + length < 8 && groups[i + length] == 0) length++;
    if (length > gap_length) {
      gap = i;
      gap_length = length;
    }
  }
  for (int i = 0; i < 8; i++) {
    if (i == gap) {
      put_string(text, "::");
      i += gap_length - 1;
      continue;
    }
    if (i > 0 && i != gap + gap_length) put_string(text, ":");
    put_hex(text, groups[i]);
  }
}

void put_address(struct text *text, const network_ip_socket_address_t *address) {
  if (address->tag == NETWORK_IP_SOCKET_ADDRESS_IPV6) {
    put_string(text, "[");
    put_ipv6(text, &address->val.ipv6.address);
    put_string(text, "]");
  } else {
    const uint8_t *octets = &address->val.ipv4.address.f0;
    for (int i = 0; i < 4; i++) {
      if (i > 0) put_string(text, ".");
      put_number(text, octets[i]);
    }
  }
  put_string(text, ":");
  put_number(text, port_of(address));
}

network_ip_socket_address_t loopback(uint16_t port) {
  network_ip_socket_address_t address = {.tag = NETWORK_IP_SOCKET_ADDRESS_IPV4};
  address.val.ipv4 = (network_ipv4_socket_address_t){port, {127, 0, 0, 1}};
  return address;
}

network_ip_socket_address_t loopback6(uint16_t port) {
  network_ip_socket_address_t address = {.tag = NETWORK_IP_SOCKET_ADDRESS_IPV6};
  address.val.ipv6 = (network_ipv6_socket_address_t){.port = port, .address = {.f7 = 1}};
  return address;
}

network_ip_address_family_t family_of(const network_ip_socket_address_t *address) {
  return address->tag == NETWORK_IP_SOCKET_ADDRESS_IPV6 ? NETWORK_IP_ADDRESS_FAMILY_IPV6 : NETWORK_IP_ADDRESS_FAMILY_IPV4;
}

uint16_t port_of(const network_ip_socket_address_t *address) {
  return address->tag == NETWORK_IP_SOCKET_ADDRESS_IPV6 ? address->val.ipv6.port : address->val.ipv4.port;
}
