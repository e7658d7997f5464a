/* What widl's proxies use and mingw-w64's headers do not declare. */
#define COBJMACROS
#define CINTERFACE
#include <windows.h>
#include <unknwn.h>
HRESULT STDMETHODCALLTYPE IUnknown_QueryInterface_Proxy(IUnknown *, REFIID, void **);
ULONG STDMETHODCALLTYPE IUnknown_AddRef_Proxy(IUnknown *);
ULONG STDMETHODCALLTYPE IUnknown_Release_Proxy(IUnknown *);
