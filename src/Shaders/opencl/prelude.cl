// The dialect in OpenCL C 1.2. What is declared by KERNEL, CONSTANT, PARAM, READS, WRITES and SHARED is written by `edgert shaders`.
#pragma OPENCL FP_CONTRACT ON
#define FLOAT4(a, b, c, d) ((float4)((a), (b), (c), (d)))
#define SPLAT4(v) ((float4)(v))
#define INT4(a, b, c, d) ((int4)((a), (b), (c), (d)))
#define SPLAT_INT4(v) ((int4)(v))
#define UINT4(a, b, c, d) ((uint4)((a), (b), (c), (d)))
#define SPLAT_UINT4(v) ((uint4)(v))
#define TO_FLOAT(v) ((float)(v))
#define TO_FLOAT4(v) convert_float4(v)
#define TO_INT(v) ((int)(v))
#define TO_UINT(v) ((uint)(v))
#define SIGNED4(v) as_int4(v)
#define UNSIGNED4(v) as_uint4(v)
#define AS_FLOAT(v) as_float(v)
#define AS_INT(v) as_int(v)
#define AS_UINT(v) as_uint(v)
#define SELECT(otherwise, then, condition) ((condition) ? (then) : (otherwise))

#define bool4 int4
#define FLOAT2(a, b) ((float2)((a), (b)))
#define TO_INT4(v) convert_int4(v)
#define AS_INT4(v) as_int4(v)
#define AS_FLOAT4(v) as_float4(v)
#define LESS4(a, b) ((a) < (b))
#define EQUAL4(a, b) ((a) == (b))
#define LESS_INT4(a, b) ((a) < (b))
#define GREATER_INT4(a, b) ((a) > (b))
#define EQUAL_INT4(a, b) ((a) == (b))
#define SELECT4(otherwise, then, condition) select(otherwise, then, condition)
#define SELECT_INT4(otherwise, then, condition) select(otherwise, then, condition)
#define ALL4(v) all(v)
#define abs4(v) fabs(v)
#define ROUND_EVEN(v) rint(v)
#define MULTIPLY_HIGH(a, b) mul_hi(a, b)
#define PRECISE
#define MULTIPLY_HIGH4(a, b) mul_hi(a, b)
// A compiler that knows the instruction says so.
#if defined(__opencl_c_integer_dot_product_input_4x8bit_packed) || defined(cl_khr_integer_dot_product)
#define HAS_DOT4
#define DOT4(x, w) dot_4x8packed_us_int((x), (w))
#endif

// Floats in memory; real, real4 and TO_REAL4 are defined for each kernel, as are its constants.
#ifdef HALF_STORAGE
#define stored half
#define stored4 half
#define LOAD_STORED(b, i) TO_REAL(vload_half(i, b))
#define LOAD_ANYWHERE(b, i) vload_half4(0, (b) + (i))
#define LOAD_STORED4(b, i) TO_REAL4(vloada_half4(i, b))
#define STORE_STORED(b, i, v) vstore_half_rte(TO_FLOAT(v), i, b)
#define STORE_STORED4(b, i, v) vstorea_half4_rte(TO_FLOAT4(v), i, b)
#define ADVANCE_STORED4(b, n) b += 4 * (n)
#else
#define stored float
#define stored4 float4
#define LOAD_STORED(b, i) (b[i])
#define LOAD_ANYWHERE(b, i) vload4(0, (b) + (i))
#define LOAD_STORED4(b, i) (b[i])
#define STORE_STORED(b, i, v) b[i] = (v)
#define STORE_STORED4(b, i, v) b[i] = (v)
#define ADVANCE_STORED4(b, n) b += n
#endif
#define LOAD_PLAIN(b, i) (b[i])
#define STORE_PLAIN(b, i, v) b[i] = (v)
#define ADVANCE_STORED(b, n) b += n
#define ADVANCE_PLAIN(b, n) b += n
#define TO_REAL(v) ((real)(v))
#define SPLAT_REAL4(v) ((real4)(v))

#define GROUP_ID(axis) ((int)get_group_id(axis))
#define LOCAL_ID(axis) ((int)get_local_id(axis))
#define GLOBAL_ID(axis) ((int)get_global_id(axis))
#define LOCAL_INDEX() ((int)((get_local_id(2) * get_local_size(1) + get_local_id(1)) * get_local_size(0) + get_local_id(0)))
#define GLOBAL_INDEX() ((int)(get_global_id(1) * get_global_size(0) + get_global_id(0)))
#define BARRIER() barrier(CLK_LOCAL_MEM_FENCE)

#define LOAD(buffer, index) LOAD_##buffer(index)
#define STORE(buffer, index, value) STORE_##buffer(index, value)
#define Identity 0
#define Abs 1
#define Neg 2
#define Sign 3
#define Reciprocal 4
#define Sqrt 5
#define Square 6
#define Exp 7
#define Log 8
#define Floor 9
#define Ceil 10
#define Round 11
#define Erf 12
#define Sin 13
#define Cos 14
#define Tan 15
#define Asin 16
#define Acos 17
#define Atan 18
#define Sinh 19
#define Cosh 20
#define Tanh 21
#define Asinh 22
#define Acosh 23
#define Atanh 24
#define Relu 25
#define Clip 26
#define LeakyRelu 27
#define Elu 28
#define Celu 29
#define Selu 30
#define ThresholdedRelu 31
#define Sigmoid 32
#define HardSigmoid 33
#define HardSwish 34
#define Swish 35
#define Gelu 36
#define GeluTanh 37
#define Mish 38
#define Softplus 39
#define Softsign 40
#define Shrink 41
#define IsNaN 42
#define IsInf 43
#define Not 44
#define BitwiseNot 45
#define Add 0
#define Sub 1
#define Mul 2
#define Div 3
#define Pow 4
#define Min 5
#define Max 6
#define Mod 7
#define FMod 8
#define PRelu 9
#define Equal 10
#define Greater 11
#define GreaterOrEqual 12
#define Less 13
#define LessOrEqual 14
#define And 15
#define Or 16
#define Xor 17
#define ShiftLeft 18
#define ShiftRight 19
#define BitwiseAnd 20
#define BitwiseOr 21
#define BitwiseXor 22
