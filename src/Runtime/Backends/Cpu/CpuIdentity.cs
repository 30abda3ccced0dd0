using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using System.Text;

namespace EdgeRuntime.Backends.Cpu;

/// <summary>What measurements on a CPU hold for: the processor, its vectors, the number of threads, and the kernels.</summary>
internal static class CpuIdentity
{
    private const string Facts = "/proc/cpuinfo";

    /// <summary>The processor and its vectors; one line.</summary>
    public static string Of(IReadOnlyList<string> details, int threads) => OneLine(string.Create(CultureInfo.InvariantCulture,
        $"{RuntimeInformation.ProcessArchitecture} {Brand()} cores {Environment.ProcessorCount} threads {threads} {string.Join(' ', details.Skip(1))}"));

    /// <summary>The version of the kernels: any other build of this assembly may have others.</summary>
    public static string Kernels => typeof(CpuIdentity).Module.ModuleVersionId.ToString("N");

    /// <summary>A few digits for the name of a file.</summary>
    public static string Digest(string identity) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..12];

    private static string Brand()
    {
        if (X86Base.IsSupported)
        {
            if ((uint)X86Base.CpuId(unchecked((int)0x80000000), 0).Eax < 0x80000004) return Model();
            Span<int> text = stackalloc int[12];
            for (int i = 0; i < 3; i++) (text[4 * i], text[4 * i + 1], text[4 * i + 2], text[4 * i + 3]) = X86Base.CpuId(unchecked((int)0x80000002) + i, 0);
            return $"{Encoding.ASCII.GetString(MemoryMarshal.AsBytes(text)).TrimEnd('\0', ' ')} {Model()}";
        }
        // Arm's numbers of maker and design, of all kinds of cores that there are.
        return File.Exists(Facts) ? string.Join(' ', File.ReadLines(Facts).Where(line => line.StartsWith("CPU part", StringComparison.Ordinal) || line.StartsWith("CPU implementer", StringComparison.Ordinal)).Distinct().Take(8)) : "";
    }

    /// <summary>Family, model and stepping: virtual machines share brands.</summary>
    private static string Model() => X86Base.CpuId(1, 0).Eax.ToString("x8", CultureInfo.InvariantCulture);

    private static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}
