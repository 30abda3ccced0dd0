using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>What a thread needs while it resamples a picture.</summary>
internal sealed class PictureScratch
{
    /// <summary>Rows that are mixed at once.</summary>
    public const int Rows = 4;

    private readonly int[] converted = new int[Rows];

    /// <summary>Sums of rows so far, where more of them are mixed than at once.</summary>
    public int[] Sums { get; private set; } = [];

    /// <summary>The mean of rows, with room for a vector behind it.</summary>
    public short[] Means { get; private set; } = [];

    /// <summary>Rows of luma and chroma as pixels of four bytes, each in the place that its number says.</summary>
    public uint[] Pixels { get; private set; } = [];

    /// <summary>A row of the model's input as floats, with room for a vector behind it.</summary>
    public float[] Row { get; private set; } = [];

    /// <summary>Makes room for pictures of any region of a width; allocates only when there was never more.</summary>
    public void Fit(PixelFormat format, int pictureWidth, int width)
    {
        int samples = PictureSampler.Samples(format) * pictureWidth;
        if (Sums.Length < samples) Sums = new int[samples];
        if (Means.Length < samples + 16) Means = new short[samples + 16];
        if (Pixels.Length < Rows * pictureWidth && format.IsYuv()) Pixels = new uint[Rows * pictureWidth];
        if (Row.Length < 3 * width + 1) Row = new float[3 * width + 1];
    }

    /// <summary>Forgets the rows of the last picture.</summary>
    public void Forget() => converted.AsSpan().Fill(-1);

    /// <summary>Where in <see cref="Pixels"/> neighbouring pixels of a row of luma and chroma are, which is converted once as long as its place is not taken by another one.</summary>
    public int Converted(in PictureBytes picture, int y, int first, int count)
    {
        int place = y % Rows * (Pixels.Length / Rows);
        if (converted[y % Rows] == y) return place;
        converted[y % Rows] = y;
        YuvRows.Convert(picture, y, first, Pixels.AsSpan(place, count));
        return place;
    }
}
