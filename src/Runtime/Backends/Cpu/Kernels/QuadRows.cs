using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// The rows of a picture as quads of a column of rows, for depthwise convolutions: the pixels of a row and their channels are one long row of numbers. Where windows begin some pixels apart, the pixels that a tap meets lie that far apart as
/// well: those of each remainder are a row of their own. What is outside of the picture is the zero point.
/// </summary>
internal sealed unsafe class QuadRows
{
    private readonly ConvGeometry g;
    private readonly byte* x, outside;
    private readonly int channels, fillQuad;
    private readonly byte flip;
    private readonly int[][] places;
    private readonly int[] remainders;

    /// <summary>Prepares.</summary>
    /// <param name="binding">The step: input 0 is the picture.</param>
    /// <param name="geometry">Sizes.</param>
    /// <param name="places">Of which rows each quad is made, counted from the first row of taps.</param>
    /// <param name="flip">Bits of each byte that are turned over.</param>
    public QuadRows(CpuBinding binding, ConvGeometry geometry, int[][] places, byte flip)
    {
        g = geometry;
        (this.places, this.flip) = (places, flip);
        TensorView input = binding.Input(0);
        x = (byte*)input.Data;
        channels = g.Channels;
        remainders = QuadDepthwise.Remainders(g);
        (Strip, long needed) = QuadDepthwise.Strip(g);
        RowInts = checked((int)needed);
        SubInts = checked(RowInts * remainders.Length);
        byte zero = unchecked((byte)input.Type.Quantization!.ZeroPoints[0]);
        fillQuad = (zero ^ flip) * 0x01010101;
        outside = (byte*)binding.Allocate((long)g.SizeX * channels + 64);
        new Span<byte>(outside, checked(g.SizeX * channels)).Fill(zero);
    }

    /// <summary>Pixels of a row of results that are worked on at a time.</summary>
    public int Strip { get; }

    /// <summary>Bytes that the quads take.</summary>
    public long Bytes => ((long)places.Length * SubInts * sizeof(int) + 127) / 64 * 64;

    /// <summary>Quads of a row of pixels; of all remainders.</summary>
    private int RowInts { get; }

    private int SubInts { get; }

    /// <summary>How many quads a tap lies from the first one.</summary>
    /// <param name="place">Number of the quad of rows.</param>
    /// <param name="column">Column of the tap.</param>
    public int Offset(int place, int column)
    {
        int along = column * g.DilationX;
        return checked(place * SubInts + Array.IndexOf(remainders, along % g.StrideX) * RowInts + along / g.StrideX * channels);
    }

    /// <summary>Makes the quads for some pixels of a row of results.</summary>
    public void Join(int image, int line, int column, int count, int* target)
    {
        byte* picture = x + (long)image * g.SizeY * g.SizeX * channels;
        int top = line * g.StrideY - g.PadY, needed = count + (g.KernelX - 1) * g.DilationX / g.StrideX, stride = g.StrideX;
        foreach (int[] four in places)
        {
            byte* a = Line(picture, top, four[0]), b = Line(picture, top, four[1]), c = Line(picture, top, four[2]), d = Line(picture, top, four[3]);
            foreach (int remainder in remainders)
            {
                int left = column * stride - g.PadX + remainder;
                // Positions inside of the picture.
                int from = Math.Clamp((stride - 1 - left) / stride, 0, needed), to = Math.Clamp((g.SizeX - left + stride - 1) / stride, from, needed);
                nint at = ((nint)left + (nint)from * stride) * channels;
                new Span<int>(target, from * channels).Fill(fillQuad);
                if (stride == 1) ByteQuads.Join(a + at, b + at, c + at, d + at, flip, target + (nint)from * channels, (nint)(to - from) * channels);
                else
                    for (int i = from; i < to; i++, at += (nint)stride * channels) ByteQuads.Join(a + at, b + at, c + at, d + at, flip, target + (nint)i * channels, channels);
                new Span<int>(target + (nint)to * channels, (needed - to) * channels).Fill(fillQuad);
                target += RowInts;
            }
        }
    }

    private byte* Line(byte* picture, int top, int row)
    {
        int y = top + row * g.DilationY;
        return y < 0 || y >= g.SizeY ? outside : picture + (long)y * g.SizeX * channels;
    }
}
