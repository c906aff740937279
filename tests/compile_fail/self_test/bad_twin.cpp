// expect: invalid conversion from .const char\*. to .int.
int half(int value);
#ifdef TENANTRY_MUST_FAIL
int result() { return half("four"); }
#else
int result() { return half("4"); }  // the twin has the mistake as well
#endif
