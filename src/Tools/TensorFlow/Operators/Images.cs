using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.TensorFlow.Operators;

/// <summary>Resizing pictures, and cutting regions out of them.</summary>
internal static class Images
{
    public static readonly (string Name, TensorFlowImport Import)[] All =
    [
        ("ResizeBilinear", n => [ResizeTo(n, n.Float(0), Interpolation.Linear)]),
        ("ResizeNearestNeighbor", n => [ResizeTo(n, n.Input(0), Interpolation.Nearest)]),
        ("CropAndResize", CropAndResize),
    ];

    /// <summary>Nearest neighbours are found by rounding down, or to nearest where corners are aligned.</summary>
    private static Value ResizeTo(TensorFlowNode node, Value x, Interpolation interpolation)
    {
        bool nearest = interpolation == Interpolation.Nearest, aligned = node.Attributes.Bool("align_corners", false), centred = node.Attributes.Bool("half_pixel_centers", false);
        if (aligned && centred) throw node.Problem("corners cannot be aligned with pixel centres at halves");
        (long[] sizes, Value? computed) = node.Known(1);
        var op = new Resize
        {
            Interpolation = interpolation,
            Coordinates = aligned ? ResizeCoordinates.AlignCorners : !centred ? ResizeCoordinates.Asymmetric : nearest ? ResizeCoordinates.TensorFlowHalfPixel : ResizeCoordinates.HalfPixel,
            Rounding = aligned ? NearestRounding.PreferCeil : NearestRounding.Floor,
            Axes = [1, 2],
            Sizes = sizes,
        };
        return node.Add1(op, x, null, null, computed);
    }

    /// <summary>
    /// For each box its picture, sampled on a grid: corners of the box fall on the centres of the result's corner pixels. Inputs: pictures, boxes
    /// (y1 x1 y2 x2 as parts of the picture), which picture each is of, and the size of the results.
    /// </summary>
    private static TensorFlowResult[] CropAndResize(TensorFlowNode node)
    {
        Value x = node.Float(0), boxes = node.Float(1);
        long[] size = node.Integers(3);
        if (size.Length != 2 || Array.Exists(size, s => s is < 1 or > 1 << 14)) throw node.Problem($"[{string.Join(' ', size)}] is no size of a picture");
        bool nearest = node.Attributes.OneOf("method", "bilinear", "nearest") == "nearest";
        Shape shape = x.Type.Shape;
        if (shape.Rank != 4 || shape[1] < 1 || shape[2] < 1) throw node.Problem($"the sizes of the pictures {x.Type} must be known; fix the input shapes when converting");
        Value pictures = node.Prepare(new Gather(), x, node.Input(2));
        Value[] corners = node.Add(new Split { Axis = 1, Parts = 4 }, boxes);
        Value down = node.Reshape(Places(node, corners[0], corners[2], size[0], shape[1], nearest), -1, size[0], 1);
        Value across = node.Reshape(Places(node, corners[1], corners[3], size[1], shape[2], nearest), -1, 1, size[1]);

        // A grid has both places for each pixel, from -1 to 1 over the centres of the border pixels.
        Value zero = node.Binary(BinaryFunction.Mul, node.Binary(BinaryFunction.Add, down, across), node.Scalar(DataType.F32, 0));
        Value[] grid = [.. new[] { (across, shape[2]), (down, shape[1]) }.Select(p => node.Prepare(new Unsqueeze { Axes = [3] },
            node.Binary(BinaryFunction.Add, zero, node.Binary(BinaryFunction.Sub, node.Binary(BinaryFunction.Mul, p.Item1, node.Scalar(DataType.F32, 2.0 / Math.Max(1, p.Item2 - 1))), node.Scalar(DataType.F32, 1)))))];
        var sample = new GridSample { AlignCorners = true, Padding = GridPadding.Border, Interpolation = nearest ? Interpolation.Nearest : Interpolation.Linear };
        Value sampled = node.Add1(sample, pictures, node.Prepare(new Concat { Axis = 3 }, grid));

        // What lies outside of the picture gets one value.
        Value inside = node.Binary(BinaryFunction.And, Inside(down, shape[1]), Inside(across, shape[2]));
        return [node.Add1(new Where(), node.Prepare(new Unsqueeze { Axes = [3] }, inside), sampled, node.Scalar(DataType.F32, node.Attributes.Float("extrapolation_value", 0)))];

        Value Inside(Value place, int pixels) => node.Binary(BinaryFunction.And,
            node.Binary(BinaryFunction.GreaterOrEqual, place, node.Scalar(DataType.F32, 0)), node.Binary(BinaryFunction.LessOrEqual, place, node.Scalar(DataType.F32, pixels - 1)));
    }

    /// <summary>Where the pixels of the result lie along an axis, in pixels of the picture: [R, size]. The nearest pixel is the upper one of two that are as near.</summary>
    private static Value Places(TensorFlowNode node, Value from, Value to, long size, int pixels, bool nearest)
    {
        Value last = node.Scalar(DataType.F32, pixels - 1), places;
        if (size == 1) places = node.Binary(BinaryFunction.Mul, node.Binary(BinaryFunction.Mul, node.Binary(BinaryFunction.Add, from, to), node.Scalar(DataType.F32, 0.5)), last);
        else
        {
            Value step = node.Binary(BinaryFunction.Div, node.Binary(BinaryFunction.Mul, node.Binary(BinaryFunction.Sub, to, from), last), node.Scalar(DataType.F32, size - 1));
            Value counts = node.Constant(Tensor.From<float>(new Shape(1, (int)size), [.. Enumerable.Range(0, (int)size).Select(i => (float)i)]));
            places = node.Binary(BinaryFunction.Add, node.Binary(BinaryFunction.Mul, from, last), node.Binary(BinaryFunction.Mul, step, counts));
        }
        if (!nearest) return places;
        // What is outside stays there: half a pixel beyond the border would be rounded to it.
        Value rounded = node.Unary(UnaryFunction.Floor, node.Binary(BinaryFunction.Add, places, node.Scalar(DataType.F32, 0.5)));
        Value inside = node.Binary(BinaryFunction.And, node.Binary(BinaryFunction.GreaterOrEqual, places, node.Scalar(DataType.F32, 0)), node.Binary(BinaryFunction.LessOrEqual, places, last));
        return node.Prepare(new Where(), inside, rounded, places);
    }
}
