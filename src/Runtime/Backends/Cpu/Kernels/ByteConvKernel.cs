
namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>A convolution of integers as a product: a row is a window's pixels.</summary>
internal sealed unsafe class ByteConvKernel<L, V>(CpuBinding binding, BytePanels<L, V>[] groups, SumsEpilogue epilogue, ConvGeometry geometry, int k, int? zeroX)
    : ByteProductKernel<L, V>(binding, groups, epilogue, k, geometry.Pixels, zeroX, zeroX is null ? binding.Input(2) : default) where L : struct, IShortLanes<V> where V : unmanaged
{
    private readonly ConvGeometry g = geometry;
    private readonly byte* x = (byte*)binding.Input(0).Data;
    private readonly int perGroup = geometry.Channels / groups.Length;
    private readonly bool pointwise = geometry.IsPointwise && groups.Length == 1 && k % 2 == 0;

    // Where the taps of a kernel's row are neighbours in memory, they are widened at a stretch.
    private readonly bool joined = groups.Length == 1 && geometry.DilationX == 1;

    public override string Name => $"conv{(g.IsPointwise ? "1x1" : "")}_i8_{Tile}";

    protected override void Gather(long row, int count, int group, short zeroX, short* target, int step)
    {
        if (pointwise)
        {
            ByteRows.Centre(x + row * step, (nint)count * step, IsSigned, zeroX, target);
            return;
        }
        for (int i = 0; i < count; i++, target += step)
        {
            long pixel = row + i;
            int column = (int)(pixel % g.OutX);
            pixel /= g.OutX;
            int line = (int)(pixel % g.OutY);
            pixel /= g.OutY;
            int plane = (int)(pixel % g.OutZ);
            short* end = Window(x + (pixel / g.OutZ) * g.SizeZ * g.SizeY * g.SizeX * g.Channels + (long)group * perGroup, plane * g.StrideZ - g.PadZ, line * g.StrideY - g.PadY, column * g.StrideX - g.PadX, zeroX, target);
            if (end < target + step) *end = 0;
        }
    }

    /// <summary>The pixels of a window whose first tap is at (z, y, left).</summary>
    private short* Window(byte* picture, int z, int y, int left, short zeroX, short* target)
    {
        int row = g.KernelX * perGroup;
        bool inside = joined && left >= 0 && left + g.KernelX <= g.SizeX;
        for (int kz = 0; kz < g.KernelZ; kz++)
            for (int ky = 0; ky < g.KernelY; ky++, target += row)
            {
                int atZ = z + kz * g.DilationZ, atY = y + ky * g.DilationY;
                if (atZ < 0 || atZ >= g.SizeZ || atY < 0 || atY >= g.SizeY)
                {
                    new Span<short>(target, row).Clear();
                    continue;
                }
                byte* line = picture + ((long)atZ * g.SizeY + atY) * g.SizeX * g.Channels;
                if (inside)
                {
                    ByteRows.Centre(line + (long)left * g.Channels, row, IsSigned, zeroX, target);
                    continue;
                }
                for (int kx = 0; kx < g.KernelX; kx++)
                {
                    int atX = left + kx * g.DilationX;
                    if (atX < 0 || atX >= g.SizeX) new Span<short>(target + kx * perGroup, perGroup).Clear();
                    else ByteRows.Centre(line + (long)atX * g.Channels, perGroup, IsSigned, zeroX, target + kx * perGroup);
                }
            }
        return target;
    }
}
