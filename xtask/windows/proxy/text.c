/* HSTRINGs between processes: the length in characters, then the characters. */
#include <string.h>
#include <winstring.h>
#include "background.h"

static UINT32 length_of(const Text *text)
{
    return WindowsGetStringLen((HSTRING)*text);
}

/* Lengths and characters lie at offsets that four divides. */
static ULONG_PTR aligned(ULONG_PTR offset)
{
    return (offset + 3) & ~(ULONG_PTR)3;
}

ULONG __RPC_USER Text_UserSize(ULONG *flags, ULONG offset, Text *text)
{
    return (ULONG)aligned(offset) + sizeof(UINT32) + length_of(text) * sizeof(WCHAR);
}

unsigned char *__RPC_USER Text_UserMarshal(ULONG *flags, unsigned char *buffer, Text *text)
{
    UINT32 length = length_of(text);
    buffer = (unsigned char *)aligned((ULONG_PTR)buffer);
    memcpy(buffer, &length, sizeof(length));
    buffer += sizeof(length);
    memcpy(buffer, WindowsGetStringRawBuffer((HSTRING)*text, NULL), length * sizeof(WCHAR));
    return buffer + length * sizeof(WCHAR);
}

unsigned char *__RPC_USER Text_UserUnmarshal(ULONG *flags, unsigned char *buffer, Text *text)
{
    UINT32 length;
    HRESULT made;
    buffer = (unsigned char *)aligned((ULONG_PTR)buffer);
    memcpy(&length, buffer, sizeof(length));
    buffer += sizeof(length);
    made = WindowsCreateString((const WCHAR *)buffer, length, (HSTRING *)text);
    if (FAILED(made))
        RpcRaiseException(made);
    return buffer + length * sizeof(WCHAR);
}

void __RPC_USER Text_UserFree(ULONG *flags, Text *text)
{
    WindowsDeleteString((HSTRING)*text);
    *text = NULL;
}
