using EdgeRuntime.Backends.Cpu.Kernels;

namespace EdgeRuntime.Backends.Cpu;

/// <summary>
/// A kind of instructions that the CPU is kept to, so that one process can compare what several processors would compute. It holds for kernels that can be had with several widths, among them all
/// products; others take what the processor has, and only a process of its own, started with .NET's switches, can keep them from it.
/// </summary>
/// <param name="Name">What it is called, such as avx2.</param>
/// <param name="Products">How integers are multiplied.</param>
/// <param name="Lanes">Floats in a vector.</param>
internal sealed record CpuPath(string Name, ProductPath Products, int Lanes)
{
    private static readonly CpuPath[] Known =
    [
        new("avx512vnni", ProductPath.QuadsVnni512, 16),
        new("avx512", ProductPath.Quads512, 16),
        new("avxvnni", ProductPath.QuadsVnni, 8),
        new("avx2", ProductPath.Quads256, 8),
        new("dot", ProductPath.QuadsDot, 4),
        new("vector128", ProductPath.Quads128, 4),
        new("scalar", ProductPath.Quads1, 1),
    ];

    /// <summary>Those that this processor has, the widest first.</summary>
    public static IReadOnlyList<CpuPath> All { get; } = [.. Known.Where(p => ProductPaths.IsSupported(p.Products))];

    /// <summary>A backend that keeps to it.</summary>
    /// <param name="threads">Number of threads.</param>
    public CpuBackend Open(int threads) => new(threads) { Products = Products, Lanes = Lanes };
}
