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
        Value pictures = node.Prepare(new Gather(), x, node.Input(2));
        Value[] corners = node.Add(new Split { Axis = 1, Parts = 4 }, boxes);
        Value rows = Places(node, corners[0], corners[2], size[0]), columns = Places(node, corners[1], corners[3], size[1]);

        // As a grid from -1 to 1 over the centres of the border pixels: rows [R, h, 1], columns [R, 1, w].
        Value down = node.Reshape(rows, -1, size[0], 1), across = node.Reshape(columns, -1, 1, size[1]);
        Value one = node.Scalar(DataType.F32, 1), two = node.Scalar(DataType.F32, 2);
        Value zero = node.Binary(BinaryFunction.Mul, node.Binary(BinaryFunction.Add, down, across), node.Scalar(DataType.F32, 0));
        Value[] grid = [.. new[] { across, down }.Select(p => node.Prepare(new Unsqueeze { Axes = [3] },
            node.Binary(BinaryFunction.Add, zero, node.Binary(BinaryFunction.Sub, node.Binary(BinaryFunction.Mul, p, two), one))))];
        var sample = new GridSample { AlignCorners = true, Padding = GridPadding.Border, Interpolation = nearest ? Interpolation.Nearest : Interpolation.Linear };
        Value sampled = node.Add1(sample, pictures, node.Prepare(new Concat { Axis = 3 }, grid));

        // What lies outside of the picture gets one value.
        Value inside = node.Binary(BinaryFunction.And, Inside(down), Inside(across));
        return [node.Add1(new Where(), node.Prepare(new Unsqueeze { Axes = [3] }, inside), sampled, node.Scalar(DataType.F32, node.Attributes.Float("extrapolation_value", 0)))];

        Value Inside(Value place) => node.Binary(BinaryFunction.And, node.Binary(BinaryFunction.GreaterOrEqual, place, node.Scalar(DataType.F32, 0)), node.Binary(BinaryFunction.LessOrEqual, place, one));
    }

    /// <summary>Where the pixels of the result lie along an axis, as parts of the picture, 0 and 1 being the centres of its border pixels: [R, size].</summary>
    private static Value Places(TensorFlowNode node, Value from, Value to, long size)
    {
        if (size == 1) return node.Binary(BinaryFunction.Mul, node.Binary(BinaryFunction.Add, from, to), node.Scalar(DataType.F32, 0.5));
        float[] steps = [.. Enumerable.Range(0, (int)size).Select(i => i / (float)(size - 1))];
        Value way = node.Binary(BinaryFunction.Mul, node.Binary(BinaryFunction.Sub, to, from), node.Constant(Tensor.From<float>(new Shape(1, (int)size), steps)));
        return node.Binary(BinaryFunction.Add, from, way);
    }
}
