#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Makes a C array of a file: embed.py NAME FILE > FILE.c"""
import sys

name, path = sys.argv[1:]
with open(path, "rb") as file:
    data = file.read()
print("/* Made of a file by embed.py. */")
print("#include <stddef.h>")
print(f"extern const unsigned char {name}[];\nextern const size_t {name}_size;")
print(f"const size_t {name}_size = {len(data)};")
print(f"const unsigned char {name}[] = {{")
for i in range(0, len(data), 16):
    print("\t" + " ".join(f"{byte}," for byte in data[i:i + 16]))
print("};")
