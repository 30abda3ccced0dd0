using System.Runtime.Intrinsics;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Makes a kernel of one vector width.</summary>
internal interface ILanesMaker
{
    /// <summary>The step, which may ask for a width.</summary>
    CpuBinding Binding { get; }

    /// <summary>The kernel for vectors <typeparamref name="V"/>.</summary>
    CpuKernel Make<L, V>() where L : struct, ILanes<V> where V : unmanaged;
}

/// <summary>Picks the vector width of a kernel when it is bound.</summary>
internal static class LanesChoice
{
    /// <summary>
    /// A kernel of the widest vectors that this processor has and that are no longer than a row of <paramref name="row"/> floats. The widest of all
    /// gives way to the next where covering a row with them computes an eighth more columns: many processors do not run them faster, lane for lane.
    /// </summary>
    public static CpuKernel Widest<TMaker>(TMaker maker, int row) where TMaker : ILanesMaker
    {
        int most = maker.Binding.Lanes > 0 ? maker.Binding.Lanes : Covered(row, 16) * 8 <= Covered(row, 8) * 9 ? 16 : 8;
        most = Math.Min(most, row);
        if (Vector512.IsHardwareAccelerated && most >= 16) return maker.Make<Lanes512, Vector512<float>>();
        if (Vector256.IsHardwareAccelerated && most >= 8) return maker.Make<Lanes256, Vector256<float>>();
        if (Vector128.IsHardwareAccelerated && most >= 4) return maker.Make<Lanes128, Vector128<float>>();
        return maker.Make<Lanes1, float>();
    }

    /// <summary>
    /// A kernel of the vectors that suit a row of <paramref name="row"/> floats best where a row may end within a vector: the widest that waste little of their lanes.
    /// </summary>
    public static CpuKernel Padded<TMaker>(TMaker maker, int row) where TMaker : ILanesMaker
    {
        int most = maker.Binding.Lanes > 0 ? maker.Binding.Lanes : row > 8 && Covered(row, 16) * 8 <= Covered(row, 8) * 9 ? 16 : row > 4 ? 8 : row > 1 ? 4 : 1;
        if (Vector512.IsHardwareAccelerated && most >= 16) return maker.Make<Lanes512, Vector512<float>>();
        if (Vector256.IsHardwareAccelerated && most >= 8) return maker.Make<Lanes256, Vector256<float>>();
        if (Vector128.IsHardwareAccelerated && most >= 4) return maker.Make<Lanes128, Vector128<float>>();
        return maker.Make<Lanes1, float>();
    }

    /// <summary>The widths that this processor has, the widest first.</summary>
    public static IEnumerable<int> Supported
    {
        get
        {
            if (Vector512.IsHardwareAccelerated) yield return 16;
            if (Vector256.IsHardwareAccelerated) yield return 8;
            if (Vector128.IsHardwareAccelerated) yield return 4;
            yield return 1;
        }
    }

    private static long Covered(int row, int width) => (row + width - 1L) / width * width;
}
