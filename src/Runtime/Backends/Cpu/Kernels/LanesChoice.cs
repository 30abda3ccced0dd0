using System.Runtime.Intrinsics;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Makes a kernel of one vector width.</summary>
internal interface ILanesMaker
{
    /// <summary>The kernel for vectors <typeparamref name="V"/>.</summary>
    CpuKernel Make<L, V>() where L : struct, ILanes<V> where V : unmanaged;
}

/// <summary>Picks the vector width of a kernel when it is bound.</summary>
internal static class LanesChoice
{
    /// <summary>A kernel of the widest vectors that this processor has and that are no longer than a row of <paramref name="row"/> floats.</summary>
    public static CpuKernel Widest<TMaker>(TMaker maker, long row) where TMaker : ILanesMaker
    {
        if (Vector512.IsHardwareAccelerated && row >= 16) return maker.Make<Lanes512, Vector512<float>>();
        if (Vector256.IsHardwareAccelerated && row >= 8) return maker.Make<Lanes256, Vector256<float>>();
        if (Vector128.IsHardwareAccelerated && row >= 4) return maker.Make<Lanes128, Vector128<float>>();
        return maker.Make<Lanes1, float>();
    }
}
