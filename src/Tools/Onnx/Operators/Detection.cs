using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>Boxes, regions and losses.</summary>
internal static class Detection
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
        ("NonMaxSuppression", n => [n.Add1(new NonMaxSuppression { CentreBoxes = n.Attributes.Bool("center_point_box", false) },
            n.Input(0), n.Input(1), n.Optional(2), n.Optional(3), n.Optional(4))]),
        ("RoiAlign", RoiAlign),
        ("GridSample", GridSample),
        ("AffineGrid", n => [n.Add1(new AffineGrid { AlignCorners = n.Attributes.Bool("align_corners", false) }, n.Input(0), n.Input(1))]),
        ("MaxRoiPool", MaxRoiPool),
        ("NegativeLogLikelihoodLoss", n => [n.Add1(Loss(n), n.Input(0), n.Input(1), n.Optional(2))]),
        ("SoftmaxCrossEntropyLoss", SoftmaxCrossEntropyLoss),
    ];

    private static Value[] RoiAlign(OnnxNode node)
    {
        OnnxAttributes given = node.Attributes;
        var align = new RoiAlign
        {
            Height = given.Int32("output_height", 1),
            Width = given.Int32("output_width", 1),
            Samples = given.Int32("sampling_ratio", 0),
            SpatialScale = given.Float("spatial_scale", 1),
            // Before opset 16 regions were never shifted.
            HalfPixel = node.Version >= 16 && given.OneOf("coordinate_transformation_mode", "half_pixel", "output_half_pixel") == "half_pixel",
            Max = given.OneOf("mode", "avg", "max") == "max",
        };
        return [node.ChannelsLast(node.Input(0), x => node.Add1(align, x, node.Input(1), node.Input(2)))];
    }

    public static Value[] GridSample(OnnxNode node)
    {
        OnnxAttributes given = node.Attributes;
        var sample = new GridSample
        {
            Interpolation = given.OneOf("mode", "bilinear", "linear", "nearest", "bicubic", "cubic") switch
            {
                "nearest" => Interpolation.Nearest,
                "bicubic" or "cubic" => Interpolation.Cubic,
                _ => Interpolation.Linear,
            },
            Padding = given.OneOf("padding_mode", "zeros", "border", "reflection") switch
            {
                "zeros" => GridPadding.Zeros,
                "border" => GridPadding.Border,
                _ => GridPadding.Reflection,
            },
            AlignCorners = given.Bool("align_corners", false),
        };
        return [node.ChannelsLast(node.Input(0), x => node.Add1(sample, x, node.Input(1)))];
    }

    private static Value[] MaxRoiPool(OnnxNode node)
    {
        if (node.Attributes.Ints("pooled_shape") is not [var height, var width]) throw node.Problem("attribute 'pooled_shape' is not two numbers");
        var pool = new MaxRoiPool { Height = checked((int)height), Width = checked((int)width), SpatialScale = node.Attributes.Float("spatial_scale", 1) };
        return [node.Add1(pool, node.Input(0), node.Input(1))];
    }

    private static NegativeLogLikelihood Loss(OnnxNode node) => new()
    {
        Reduction = node.Attributes.OneOf("reduction", "mean", "sum", "none") switch
        {
            "mean" => LossReduction.Mean,
            "sum" => LossReduction.Sum,
            _ => LossReduction.None,
        },
        Ignored = node.Attributes.Int("ignore_index", long.MinValue),
    };

    private static Value[] SoftmaxCrossEntropyLoss(OnnxNode node)
    {
        Value logarithms = node.Add1(new Softmax { Axis = 1, Logarithm = true }, node.Input(0));
        return [node.Add1(Loss(node), logarithms, node.Input(1), node.Optional(2)), logarithms];
    }
}
