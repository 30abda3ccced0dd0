namespace EdgeRuntime.Operators;

/// <summary>
/// Along one axis, the input elements that each element of a resized tensor is made of, and their weights. Positions are computed in
/// single precision, as ONNX Runtime does, because a nearest neighbour can hang on the last bit.
/// </summary>
internal sealed class ResizeTaps
{
    private readonly (int Index, double Weight)[][] taps;
    private readonly bool[] outside;

    /// <param name="resize">The kind of interpolation.</param>
    /// <param name="length">Size of the input along the axis.</param>
    /// <param name="resized">Size of the result.</param>
    /// <param name="scale">What the size was multiplied with, before rounding.</param>
    /// <param name="from">Begin of the region of interest, as a part of the axis.</param>
    /// <param name="to">Its end.</param>
    public ResizeTaps(Resize resize, int length, int resized, float scale, float from, float to)
    {
        taps = new (int, double)[resized][];
        outside = new bool[resized];
        bool crops = resize.Coordinates == ResizeCoordinates.CropAndResize;
        for (int i = 0; i < resized; i++)
        {
            // Untouched axes are exact whatever the coordinates; align_corners and the rest agree there.
            float position = scale == 1 && resized == length && !crops ? i : Position(resize.Coordinates, i, length, resized, scale, from, to);
            outside[i] = crops && (position < 0 || position > length - 1);
            taps[i] = resize.Interpolation switch
            {
                Interpolation.Nearest => [(Math.Clamp(Round(resize.Rounding, position), 0, length - 1), 1)],
                Interpolation.Linear => Filter(resize, position, length, scale, 1, Triangle),
                _ => Filter(resize, position, length, scale, 2, x => Cubic(x, resize.CubicA)),
            };
        }
    }

    /// <summary>Number of results along the axis.</summary>
    public int Count => taps.Length;

    /// <summary>True when each result is one element of the input, so that nothing is mixed.</summary>
    public bool Copies => Array.TrueForAll(taps, t => t.Length == 1);

    /// <summary>The elements and weights of the result's element <paramref name="i"/>.</summary>
    public (int Index, double Weight)[] Of(int i) => taps[i];

    /// <summary>True when it lies outside of the input and gets the extrapolation value.</summary>
    public bool Outside(int i) => outside[i];

    private static float Position(ResizeCoordinates coordinates, int i, int length, int resized, float scale, float from, float to) => coordinates switch
    {
        ResizeCoordinates.HalfPixel => (i + 0.5f) / scale - 0.5f,
        ResizeCoordinates.PyTorchHalfPixel => resized > 1 ? (i + 0.5f) / scale - 0.5f : 0,
        ResizeCoordinates.HalfPixelSymmetric => length / 2f * (1 - resized / (scale * length)) + (i + 0.5f) / scale - 0.5f,
        ResizeCoordinates.AlignCorners => resized == 1 ? 0 : (float)i * (length - 1) / (resized - 1),
        ResizeCoordinates.Asymmetric => i / scale,
        ResizeCoordinates.TensorFlowHalfPixel => (i + 0.5f) / scale,
        _ => resized > 1
            ? from * (length - 1) + i * (to - from) * (length - 1) / (resized - 1)
            : 0.5f * (from + to) * (length - 1),
    };

    private static int Round(NearestRounding rounding, float position) => (int)(rounding switch
    {
        NearestRounding.PreferFloor => MathF.Ceiling(position - 0.5f),
        NearestRounding.PreferCeil => MathF.Floor(position + 0.5f),
        NearestRounding.Floor => MathF.Floor(position),
        _ => MathF.Ceiling(position),
    });

    private static (int, double)[] Filter(Resize resize, float position, int length, float scale, int radius, Func<double, double> weigh)
    {
        double stretch = resize.AntiAlias ? Math.Min(scale, 1) : 1;
        int first = (int)Math.Floor(position - radius / stretch), last = (int)Math.Ceiling(position + radius / stretch);
        var weights = new SortedDictionary<int, double>();
        double sum = 0;
        for (int i = first; i <= last; i++)
        {
            double weight = weigh((i - (double)position) * stretch);
            if (weight == 0 || (resize.ExcludeOutside && (i < 0 || i >= length))) continue;
            int index = Math.Clamp(i, 0, length - 1);
            weights[index] = weights.GetValueOrDefault(index) + weight;
            sum += weight;
        }
        if (sum == 0) return [(Math.Clamp((int)Math.Round(position), 0, length - 1), 1)];
        return [.. weights.Select(pair => (pair.Key, pair.Value / sum))];
    }

    private static double Triangle(double x) => Math.Max(0, 1 - Math.Abs(x));

    /// <summary>Keys' cubic convolution kernel.</summary>
    public static double Cubic(double x, double a)
    {
        x = Math.Abs(x);
        return x <= 1 ? ((a + 2) * x - (a + 3)) * x * x + 1
            : x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
            : 0;
    }
}
