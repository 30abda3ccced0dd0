namespace EdgeRuntime.Backends.OpenCl;

/// <summary>An OpenCL device and what it can do.</summary>
/// <param name="Name">What its driver calls it.</param>
/// <param name="Type">gpu, cpu, accelerator or other.</param>
/// <param name="Platform">The driver's name.</param>
/// <param name="DriverVersion">The driver's version.</param>
/// <param name="ApiVersion">Version of OpenCL, as the device words it.</param>
/// <param name="LanguageVersion">Version of OpenCL C.</param>
/// <param name="ComputeUnits">How many it has.</param>
/// <param name="GlobalMemoryBytes">Its memory.</param>
/// <param name="MaxAllocationBytes">The largest buffer.</param>
/// <param name="LocalMemoryBytes">Memory that a workgroup shares.</param>
/// <param name="MaxWorkgroupInvocations">Invocations in a workgroup at most.</param>
/// <param name="UnifiedMemory">Whether it shares the host's memory.</param>
/// <param name="Compiler">Whether its driver can compile; without, it cannot run our kernels.</param>
/// <param name="Subgroups">cl_khr_subgroups or Intel's.</param>
/// <param name="Fp16Arithmetic">cl_khr_fp16. Storage of half precision and of 8-bit integers is there always.</param>
/// <param name="IntegerDotProduct">cl_khr_integer_dot_product.</param>
/// <param name="TimestampNanoseconds">Resolution of its clock; null where queues cannot measure.</param>
public sealed record OpenClDevice(
    string Name, string Type, string Platform, string DriverVersion, string ApiVersion, string LanguageVersion, int ComputeUnits, long GlobalMemoryBytes,
    long MaxAllocationBytes, long LocalMemoryBytes, long MaxWorkgroupInvocations, bool UnifiedMemory, bool Compiler, bool Subgroups, bool Fp16Arithmetic,
    bool IntegerDotProduct, float? TimestampNanoseconds);
