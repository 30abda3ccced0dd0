using System.Runtime.CompilerServices;

namespace EdgeRuntime.Tests;

/// <summary>Tests mean the CPU where they name no backend: many compare bits, which a device on this machine would not give.</summary>
internal static class DefaultBackend
{
    [ModuleInitializer]
    internal static void BeTheCpu() => Environment.SetEnvironmentVariable("EDGERUNTIME_BACKEND", "cpu");
}
