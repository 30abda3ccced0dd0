using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>The windows of a convolution as rows of bytes, one for each pixel of the result: taps along y, then x, then channels.</summary>
internal sealed unsafe class ByteWindows(CpuBinding binding, ConvGeometry geometry, int groups, int length, int multiple, bool flips) : ByteOperand(binding, length, multiple, flips)
{
    private readonly ConvGeometry g = geometry;
    private readonly long inputBytes = binding.Input(0).Type.ByteCount;
    private readonly int perGroup = geometry.Channels / groups;
    private readonly long rowBytes = (long)geometry.SizeX * geometry.Channels, planeBytes = (long)geometry.SizeY * geometry.SizeX * geometry.Channels;

    // Where the taps of a kernel's row are neighbours in memory, they are copied at a stretch.
    private readonly bool joined = groups == 1 && geometry.DilationX == 1;

    public override string Name => g.IsPointwise ? "conv1x1" : "conv";

    protected override bool IsDense => false;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Gather(long row, int count, int group, byte fill, byte* target)
    {
        int column = (int)(row % g.OutX);
        row /= g.OutX;
        int line = (int)(row % g.OutY);
        row /= g.OutY;
        int plane = (int)(row % g.OutZ);
        byte* picture = X + row / g.OutZ * g.SizeZ * planeBytes + (long)group * perGroup;
        int z = plane * g.StrideZ - g.PadZ, y = line * g.StrideY - g.PadY, left = column * g.StrideX - g.PadX;
        int lastLeft = joined ? g.SizeX - g.KernelX : -1, run = g.KernelX * perGroup;
        bool inside = IsInside(z, y);
        // Runs are copied as whole vectors where those end within the operand: what is too much is written over by the next run or row, and there is a spare line after the last one.
        nint downY = (nint)(g.DilationY * rowBytes);
        int copied = run <= 16 ? 16 : (run + 31) / 32 * 32;
        byte* lastWhole = g.KernelZ == 1 && Vector128.IsHardwareAccelerated ? X + inputBytes - copied - (g.KernelY - 1) * downY : null;
        for (int i = 0; i < count; i++, target += Step)
        {
            if (inside && left >= 0 && left <= lastLeft)
            {
                byte* source = picture + z * planeBytes + y * rowBytes + (long)left * g.Channels, to = target;
                if (source <= lastWhole)
                {
                    // All that follow in the row of windows, and are of this kind, at once.
                    nint apart = (nint)g.StrideX * g.Channels;
                    int more = (int)Math.Min(Math.Min(count - i, g.OutX - column), Math.Min((lastLeft - left) / g.StrideX + 1, (lastWhole - source) / apart + 1));
                    Whole(source, apart, downY, to, more);
                    more--;
                    i += more;
                    target += (nint)more * Step;
                    column += more;
                    left += more * g.StrideX;
                }
                else for (int kz = 0; kz < g.KernelZ; kz++, source += g.DilationZ * planeBytes)
                {
                    byte* from = source;
                    for (int ky = 0; ky < g.KernelY; ky++, from += g.DilationY * rowBytes, to += run) ByteRows.Copy(from, run, to);
                }
            }
            else Window(picture, z, y, left, fill, target);
            left += g.StrideX;
            if (++column < g.OutX) continue;
            (column, left) = (0, -g.PadX);
            y += g.StrideY;
            if (++line == g.OutY)
            {
                (line, y) = (0, -g.PadY);
                z += g.StrideZ;
                if (++plane == g.OutZ)
                {
                    (plane, z) = (0, -g.PadZ);
                    picture += g.SizeZ * planeBytes;
                }
            }
            inside = IsInside(z, y);
        }
    }

    /// <summary>Windows within the picture, side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Whole(byte* source, nint apart, nint down, byte* target, int count)
    {
        nint run = g.KernelX * perGroup, step = Step;
        int rows = g.KernelY;
        if (run <= 16 && rows == 3)
            for (; count > 0; count--, source += apart, target += step)
            {
                Vector128<byte> top = Vector128.Load(source), middle = Vector128.Load(source + down), bottom = Vector128.Load(source + 2 * down);
                top.Store(target);
                middle.Store(target + run);
                bottom.Store(target + 2 * run);
            }
        else if (run <= 16)
            for (; count > 0; count--, source += apart, target += step)
            {
                byte* from = source, to = target;
                for (int row = 0; row < rows; row++, from += down, to += run) Vector128.Load(from).Store(to);
            }
        else
            for (; count > 0; count--, source += apart, target += step)
            {
                byte* from = source, to = target;
                for (int row = 0; row < rows; row++, from += down, to += run)
                    for (nint at = 0; at < run; at += 32) Vector256.Load(from + at).Store(to + at);
            }
    }

    private bool IsInside(int z, int y) => z >= 0 && y >= 0 && z + (g.KernelZ - 1) * g.DilationZ < g.SizeZ && y + (g.KernelY - 1) * g.DilationY < g.SizeY;

    /// <summary>A window of which any part may be outside of the picture.</summary>
    private void Window(byte* picture, int z, int y, int left, byte fill, byte* target)
    {
        int run = g.KernelX * perGroup;
        bool across = joined && left >= 0 && left + g.KernelX <= g.SizeX;
        for (int kz = 0; kz < g.KernelZ; kz++)
            for (int ky = 0; ky < g.KernelY; ky++, target += run)
            {
                int atZ = z + kz * g.DilationZ, atY = y + ky * g.DilationY;
                if (atZ < 0 || atZ >= g.SizeZ || atY < 0 || atY >= g.SizeY)
                {
                    new Span<byte>(target, run).Fill(fill);
                    continue;
                }
                byte* source = picture + atZ * planeBytes + atY * rowBytes;
                if (across)
                {
                    ByteRows.Copy(source + (long)left * g.Channels, run, target);
                    continue;
                }
                for (int kx = 0; kx < g.KernelX; kx++)
                {
                    int atX = left + kx * g.DilationX;
                    if (atX < 0 || atX >= g.SizeX) new Span<byte>(target + kx * perGroup, perGroup).Fill(fill);
                    else ByteRows.Copy(source + (long)atX * g.Channels, perGroup, target + kx * perGroup);
                }
            }
    }
}
