using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>A window over a picture with the axes z, y and x; fewer spatial axes leave z, then y, at size 1.</summary>
internal sealed unsafe class ConvGeometry
{
    private const long Farthest = 1 << 30, LargestCopy = 1 << 26;

    public readonly int Batch, SizeZ, SizeY, SizeX, Channels;
    public readonly int OutZ, OutY, OutX;
    public readonly int KernelZ = 1, KernelY = 1, KernelX = 1;
    public readonly int StrideZ = 1, StrideY = 1, StrideX = 1;
    public readonly int DilationZ = 1, DilationY = 1, DilationX = 1;
    public readonly int PadZ, PadY, PadX;

    public ConvGeometry(Window window, in Shape input, in Shape output)
    {
        int axes = window.Axes;
        Batch = input[0];
        Channels = input[-1];
        (SizeZ, SizeY, SizeX) = (axes > 2 ? input[1] : 1, axes > 1 ? input[axes - 1] : 1, input[axes]);
        (OutZ, OutY, OutX) = (axes > 2 ? output[1] : 1, axes > 1 ? output[axes - 1] : 1, output[axes]);
        (KernelX, StrideX, DilationX, PadX) = Axis(window, axes - 1, SizeX);
        if (axes > 1) (KernelY, StrideY, DilationY, PadY) = Axis(window, axes - 2, SizeY);
        if (axes > 2) (KernelZ, StrideZ, DilationZ, PadZ) = Axis(window, axes - 3, SizeZ);
    }

    /// <summary>
    /// True when positions, offsets in a row of windows and numbers of taps fit the 32 bits that kernels compute them in, and a copy of the
    /// rows under a row of windows is not absurdly large. Strides, dilations and pads come from files, and no tensor bounds them.
    /// </summary>
    public bool Fits
    {
        get
        {
            long z = Reach(SizeZ, OutZ, KernelZ, StrideZ, DilationZ, PadZ), y = Reach(SizeY, OutY, KernelY, StrideY, DilationY, PadY);
            long x = Reach(SizeX, OutX, KernelX, StrideX, DilationX, PadX), area = (long)KernelY * KernelX;
            if (Math.Max(x, Math.Max(y, z)) > Farthest || x * Channels > int.MaxValue || area > Farthest || area * KernelZ > Farthest) return false;
            return !SticksOut || (long)NeededX * Channels * KernelY * KernelZ <= LargestCopy;
        }
    }

    /// <summary>Output pixels of all images.</summary>
    public long Pixels => (long)Batch * OutZ * OutY * OutX;

    /// <summary>Input pixels that a row of windows spans along x.</summary>
    public int NeededX => (OutX - 1) * StrideX + (KernelX - 1) * DilationX + 1;

    /// <summary>True when output pixel i is made of input pixel i alone.</summary>
    public bool IsPointwise =>
        KernelZ == 1 && KernelY == 1 && KernelX == 1 && StrideZ == 1 && StrideY == 1 && StrideX == 1
        && PadZ == 0 && PadY == 0 && PadX == 0 && OutZ == SizeZ && OutY == SizeY && OutX == SizeX;

    /// <summary>True when some window reaches beyond the picture.</summary>
    public bool SticksOut =>
        SticksOutX || PadY > 0 || PadZ > 0
        || (OutY - 1) * StrideY - PadY + (KernelY - 1) * DilationY >= SizeY
        || (OutZ - 1) * StrideZ - PadZ + (KernelZ - 1) * DilationZ >= SizeZ;

    private bool SticksOutX => PadX > 0 || NeededX - PadX > SizeX;

    /// <summary>True when the windows of the row of pixels whose first tap is at (z, y) lie inside the picture.</summary>
    public bool IsInside(int z, int y) => !SticksOutX && IsInsideRows(z, y);

    /// <summary>True when the input rows under the row of pixels whose first tap is at (z, y) are all in the picture.</summary>
    public bool IsInsideRows(int z, int y) =>
        z >= 0 && z + (KernelZ - 1) * DilationZ < SizeZ && y >= 0 && y + (KernelY - 1) * DilationY < SizeY;

    /// <summary>The range of output columns whose windows lie inside the picture along x.</summary>
    public (int First, int Last) InsideX()
    {
        int first = Math.Clamp((PadX + StrideX - 1) / StrideX, 0, OutX);
        int room = SizeX + PadX - (KernelX - 1) * DilationX - 1;
        return (first, Math.Max(first, room < 0 ? 0 : Math.Min(OutX, room / StrideX + 1)));
    }

    /// <summary>
    /// Copies the input rows under a row of windows, one after the other, with zeros for what is outside of the picture: only what the windows of output columns from
    /// <paramref name="first"/> up to <paramref name="last"/> see, where it belongs.
    /// </summary>
    public void CopyRows(float* picture, int z, int y, float* target, int first, int last)
    {
        for (int kz = 0; kz < KernelZ; kz++)
            for (int ky = 0; ky < KernelY; ky++, target += NeededX * Channels)
            {
                int atZ = z + kz * DilationZ, atY = y + ky * DilationY;
                bool inside = atZ >= 0 && atZ < SizeZ && atY >= 0 && atY < SizeY;
                CopyRow(inside ? picture + ((long)atZ * SizeY + atY) * SizeX * Channels : null, target, first, last, Channels);
            }
    }

    /// <summary>As <see cref="CopyRows"/>, from a picture of planes: for each channel its rows.</summary>
    public void CopyPlanes(float* picture, int y, float* target, int first, int last)
    {
        for (int c = 0; c < Channels; c++, picture += (long)SizeY * SizeX)
            for (int ky = 0; ky < KernelY; ky++, target += NeededX)
            {
                int atY = y + ky * DilationY;
                CopyRow(atY >= 0 && atY < SizeY ? picture + (long)atY * SizeX : null, target, first, last, 1);
            }
    }

    /// <summary>Copies of a row of the picture, or of zeros, what the windows of some output columns see of it.</summary>
    private void CopyRow(float* row, float* target, int first, int last, int channels)
    {
        int column = first * StrideX, width = (last - 1 - first) * StrideX + (KernelX - 1) * DilationX + 1;
        int before = row == null ? width : Math.Clamp(PadX - column, 0, width), from = column + before - PadX, inside = Math.Clamp(SizeX - from, 0, width - before);
        target += (long)column * channels;
        new Span<float>(target, before * channels).Clear();
        if (inside > 0) new Span<float>(row + (long)from * channels, inside * channels).CopyTo(new Span<float>(target + (long)before * channels, inside * channels));
        new Span<float>(target + (long)(before + inside) * channels, (width - before - inside) * channels).Clear();
    }

    /// <summary>More than any position along an axis, or any sum of such, can be.</summary>
    private static long Reach(int size, int outputs, int kernel, int stride, int dilation, int pad) =>
        size + Math.Abs((long)pad) + (long)Math.Max(1, outputs) * stride + (long)kernel * dilation;

    private static (int Kernel, int Stride, int Dilation, int Pad) Axis(Window window, int axis, int size) =>
        (window.Kernel[axis], window.Strides[axis], window.Dilations[axis], window.PadBegin(size, axis));
}
