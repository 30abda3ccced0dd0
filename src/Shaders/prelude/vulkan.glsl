// The dialect in GLSL. What is declared by KERNEL, CONSTANT, PARAM, READS, WRITES and SHARED is written by `edgert shaders`.
#extension GL_EXT_control_flow_attributes : enable
#ifdef HALF_STORAGE
#extension GL_EXT_shader_16bit_storage : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#endif
#ifdef PACKED_DOT
#extension GL_EXT_spirv_intrinsics : require
#endif
layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

#define float2 vec2
#define float4 vec4
#define int2 ivec2
#define int4 ivec4
#define uint2 uvec2
#define uint4 uvec4
#define FLOAT4(a, b, c, d) vec4(a, b, c, d)
#define SPLAT4(v) vec4(v)
#define INT4(a, b, c, d) ivec4(a, b, c, d)
#define SPLAT_INT4(v) ivec4(v)
#define UINT4(a, b, c, d) uvec4(a, b, c, d)
#define SPLAT_UINT4(v) uvec4(v)
#define TO_FLOAT(v) float(v)
#define TO_FLOAT4(v) vec4(v)
#define TO_INT(v) int(v)
#define TO_UINT(v) uint(v)
// The same bits as integers of the other kind.
#define SIGNED4(v) ivec4(v)
#define UNSIGNED4(v) uvec4(v)
#define AS_FLOAT(v) uintBitsToFloat(v)
#define AS_INT(v) floatBitsToInt(v)
#define AS_UINT(v) floatBitsToUint(v)
#define SELECT(otherwise, then, condition) ((condition) ? (then) : (otherwise))

// Whole vectors; bool4 is what comparisons give.
#define bool4 bvec4
#define FLOAT2(a, b) vec2(a, b)
#define TO_INT4(v) ivec4(v)
#define AS_INT4(v) floatBitsToInt(v)
#define AS_FLOAT4(v) intBitsToFloat(v)
#define LESS4(a, b) lessThan(a, b)
#define EQUAL4(a, b) equal(a, b)
#define LESS_INT4(a, b) lessThan(a, b)
#define GREATER_INT4(a, b) greaterThan(a, b)
#define EQUAL_INT4(a, b) equal(a, b)
#define SELECT4(otherwise, then, condition) mix(otherwise, then, condition)
#define SELECT_INT4(otherwise, then, condition) mix(otherwise, then, condition)
#define ALL4(v) all(v)
#define abs4(v) abs(v)
#define ROUND_EVEN(v) roundEven(v)
uint MULTIPLY_HIGH(uint a, uint b)
{
    uint high, low;
    umulExtended(a, b, high, low);
    return high;
}
// Of a variable: its value is computed as written, neither rearranged nor fused.
#define PRECISE precise
// The upper 32 bits of a product.
ivec4 multiply_high4(ivec4 a, ivec4 b)
{
    ivec4 high, low;
    imulExtended(a, b, high, low);
    return high;
}
#define MULTIPLY_HIGH4(a, b) multiply_high4(a, b)

// The product of four unsigned bytes with four signed ones, all packed in words.
#ifdef PACKED_DOT
spirv_instruction(extensions = ["SPV_KHR_integer_dot_product"], capabilities = [6018, 6019], id = 4452)
int packed_dot(uint w, uint x, spirv_literal int packed);
#define HAS_DOT4
#define DOT4(x, w) packed_dot(w, x, 0)
#endif

// The type that convolutions and products are computed in.
#ifdef HALF_ARITHMETIC
#define real float16_t
#define real4 f16vec4
#else
#define real float
#define real4 vec4
#endif
#define TO_REAL(v) real(v)
#define TO_REAL4(v) real4(v)
#define SPLAT_REAL4(v) real4(v)

#define GROUP_ID(axis) int(gl_WorkGroupID[axis])
#define LOCAL_ID(axis) int(gl_LocalInvocationID[axis])
#define GLOBAL_ID(axis) int(gl_GlobalInvocationID[axis])
#define LOCAL_INDEX() int(gl_LocalInvocationIndex)
// Number of the invocation in a dispatch that was laid out by Grid.Linear.
#define GLOBAL_INDEX() int(gl_GlobalInvocationID.y * (gl_NumWorkGroups.x * gl_WorkGroupSize.x) + gl_GlobalInvocationID.x)
#define BARRIER() barrier()

#define LOAD(buffer, index) LOAD_##buffer(index)
#define STORE(buffer, index, value) STORE_##buffer(index, value)
