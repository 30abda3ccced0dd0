using System.Globalization;
using EdgeRuntime.Backends.Cpu.Kernels;

namespace EdgeRuntime.Backends.Cpu;

/// <summary>One of the ways to execute a step. A maker that is asked for one returns a kernel whenever it can, not only where it is likely to be the fastest.</summary>
/// <param name="Maker">Place of the maker in its operator's list; the length of the list for the operator's definition.</param>
/// <param name="Lanes">Floats in a vector; 0 for what the kernel would take by itself.</param>
/// <param name="Products">How integers are multiplied.</param>
internal sealed record KernelChoice(int Maker, int Lanes = 0, ProductPath Products = ProductPath.Automatic)
{
    private const int MostMakers = 100;

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Maker} {Lanes} {Products}");

    /// <summary>Reads what <see cref="ToString"/> has written; null for anything else.</summary>
    public static KernelChoice? Parse(string text) =>
        text.Split(' ') is [var maker, var lanes, var products] && int.TryParse(maker, NumberStyles.None, CultureInfo.InvariantCulture, out int place) && place <= MostMakers
        && int.TryParse(lanes, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is 0 or 1 or 4 or 8 or 16
        && Enum.TryParse(products, out ProductPath path) && Enum.IsDefined(path) && path.ToString() == products
            ? new KernelChoice(place, count, path) : null;
}

/// <summary>A way to execute a step, bound to it.</summary>
/// <param name="Choice">By what it is asked for again.</param>
/// <param name="Kernel">The kernel.</param>
/// <param name="Lanes">Elements in its vectors; 0 where the kernel has one form only.</param>
/// <param name="IsAutomatic">True for the one that is taken where none is asked for.</param>
internal sealed record KernelCandidate(KernelChoice Choice, CpuKernel Kernel, int Lanes, bool IsAutomatic)
{
    /// <summary>The kernel's name.</summary>
    public string Name => Kernel.Name;
}
