using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using EdgeRuntime.Backends.Cpu.MachineCode;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>By which instructions integers are multiplied: pairs of 16-bit numbers, or quads of bytes. All give the same bytes.</summary>
internal enum ProductPath
{
    /// <summary>The fastest of the processor's that the weights allow.</summary>
    Automatic,

    /// <summary>Without vectors.</summary>
    Shorts1, Quads1,

    /// <summary>SSE or NEON; SSSE3.</summary>
    Shorts128, Quads128,

    /// <summary>Arm's dot products.</summary>
    QuadsDot,

    /// <summary>AVX2; AVX-VNNI.</summary>
    Shorts256, Quads256, QuadsVnni,

    /// <summary>AVX-512; its VNNI, by way of <see cref="VnniTile"/>, for all weights.</summary>
    Shorts512, Quads512, QuadsVnni512,
}

/// <summary>Which paths there are here, and which is taken.</summary>
internal static class ProductPaths
{
    /// <summary>Those that this processor can take.</summary>
    public static IEnumerable<ProductPath> Supported => Enum.GetValues<ProductPath>().Where(IsSupported);

    /// <summary>True when this processor can take a path.</summary>
    public static bool IsSupported(ProductPath path) => path switch
    {
        ProductPath.Shorts128 => Vector128.IsHardwareAccelerated,
        ProductPath.Quads128 => Ssse3.IsSupported,
        ProductPath.QuadsDot => Dp.IsSupported,
        ProductPath.Shorts256 or ProductPath.Quads256 => Avx2.IsSupported,
        ProductPath.QuadsVnni => AvxVnni.IsSupported,
        ProductPath.Shorts512 or ProductPath.Quads512 => Avx512BW.IsSupported,
        ProductPath.QuadsVnni512 => VnniCode.IsSupported,
        _ => true,
    };

    /// <summary>The path of a product.</summary>
    /// <param name="wanted">The one asked for; where the weights do not allow it, the one of pairs that is as wide.</param>
    /// <param name="columns">Columns of the weights, which vectors are to cover.</param>
    /// <param name="allowsQuads">True for I8 weights without zero points.</param>
    /// <param name="isBounded">Whether they are within <see cref="PairBound"/>; asked only where it matters.</param>
    public static ProductPath Choose(ProductPath wanted, int columns, bool allowsQuads, Func<bool> isBounded)
    {
        if (wanted == ProductPath.Automatic)
        {
            // The widest vectors give way to the next where covering the columns with them computes many more of them: quads are faster by a fifth in larger tiles.
            if (IsSupported(ProductPath.QuadsVnni512)) return ProductPath.QuadsVnni512;
            if (allowsQuads && IsSupported(ProductPath.QuadsVnni)) return ProductPath.QuadsVnni;
            if (allowsQuads && IsSupported(ProductPath.QuadsDot)) return ProductPath.QuadsDot;
            if (allowsQuads && IsSupported(ProductPath.Quads128) && isBounded())
                return IsSupported(ProductPath.Quads512) && Covered(columns, 16) * 3 <= Covered(columns, 8) * 4 ? ProductPath.Quads512
                    : IsSupported(ProductPath.Quads256) ? ProductPath.Quads256 : ProductPath.Quads128;
            return IsSupported(ProductPath.Shorts512) && Covered(columns, 32) * 8 <= Covered(columns, 16) * 9 ? ProductPath.Shorts512
                : IsSupported(ProductPath.Shorts256) ? ProductPath.Shorts256
                : IsSupported(ProductPath.Shorts128) ? ProductPath.Shorts128
                : allowsQuads ? ProductPath.Quads1 : ProductPath.Shorts1;
        }
        bool needsBound = wanted is ProductPath.Quads128 or ProductPath.Quads256 or ProductPath.Quads512;
        return wanted switch
        {
            ProductPath.Quads1 or ProductPath.Quads128 or ProductPath.QuadsDot or ProductPath.Quads256 or ProductPath.QuadsVnni or ProductPath.Quads512
                when !allowsQuads || (needsBound && !isBounded()) => Pairs(Lanes(wanted)),
            _ => wanted,
        };
    }

    /// <summary>Sums in a path's vectors; the most that there are for the automatic one.</summary>
    public static int Lanes(ProductPath path) => path switch
    {
        ProductPath.Automatic => IsSupported(ProductPath.Shorts512) ? 16 : IsSupported(ProductPath.Shorts256) ? 8 : IsSupported(ProductPath.Shorts128) ? 4 : 1,
        ProductPath.Shorts1 or ProductPath.Quads1 => 1,
        ProductPath.Shorts128 or ProductPath.Quads128 or ProductPath.QuadsDot => 4,
        ProductPath.Shorts256 or ProductPath.Quads256 or ProductPath.QuadsVnni => 8,
        _ => 16,
    };

    private static ProductPath Pairs(int lanes) => lanes switch { 16 => ProductPath.Shorts512, 8 => ProductPath.Shorts256, 4 => ProductPath.Shorts128, _ => ProductPath.Shorts1 };

    private static long Covered(int columns, int width) => (columns + width - 1L) / width * width;
}
