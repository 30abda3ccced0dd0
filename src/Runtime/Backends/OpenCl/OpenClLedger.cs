using EdgeRuntime.Backends.Gpu;
using Silk.NET.OpenCL;

namespace EdgeRuntime.Backends.OpenCl;

/// <summary>Counts the handles of OpenCL that are alive, and lets tests say which call fails.</summary>
internal sealed class OpenClLedger : GpuLedger<ErrorCodes>;
