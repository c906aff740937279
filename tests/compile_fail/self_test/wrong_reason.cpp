// expect: invalid conversion from .const char\*. to .int.
int half(int value);
#ifdef TENANTRY_MUST_FAIL
int result() { return haif("four"); }  // fails, but because of the misspelt name
#else
int result() { return half(4); }
#endif
