using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>Resize in all its versions, and Upsample before it.</summary>
internal static class Resizing
{
    public static Value[] Resize(OnnxNode node)
    {
        if (node.Version < 11) return Upsample(node);
        OnnxAttributes given = node.Attributes;
        var resize = new Resize
        {
            Interpolation = given.OneOf("mode", "nearest", "linear", "cubic") switch
            {
                "nearest" => Interpolation.Nearest,
                "linear" => Interpolation.Linear,
                _ => Interpolation.Cubic,
            },
            Coordinates = given.OneOf("coordinate_transformation_mode", "half_pixel", "pytorch_half_pixel", "half_pixel_symmetric", "align_corners",
                "asymmetric", "tf_half_pixel_for_nn", "tf_crop_and_resize") switch
            {
                "half_pixel" => ResizeCoordinates.HalfPixel,
                "pytorch_half_pixel" => ResizeCoordinates.PyTorchHalfPixel,
                "half_pixel_symmetric" => ResizeCoordinates.HalfPixelSymmetric,
                "align_corners" => ResizeCoordinates.AlignCorners,
                "asymmetric" => ResizeCoordinates.Asymmetric,
                "tf_half_pixel_for_nn" => ResizeCoordinates.TensorFlowHalfPixel,
                _ => ResizeCoordinates.CropAndResize,
            },
            Rounding = given.OneOf("nearest_mode", "round_prefer_floor", "round_prefer_ceil", "floor", "ceil") switch
            {
                "round_prefer_floor" => NearestRounding.PreferFloor,
                "round_prefer_ceil" => NearestRounding.PreferCeil,
                "floor" => NearestRounding.Floor,
                _ => NearestRounding.Ceil,
            },
            AspectRatio = given.OneOf("keep_aspect_ratio_policy", "stretch", "not_larger", "not_smaller") switch
            {
                "stretch" => AspectRatio.Stretch,
                "not_larger" => AspectRatio.NotLarger,
                _ => AspectRatio.NotSmaller,
            },
            AntiAlias = given.Bool("antialias", false),
            ExcludeOutside = given.Bool("exclude_outside", false),
            CubicA = given.Float("cubic_coeff_a", -0.75f),
            Extrapolation = given.Float("extrapolation_value", 0),
            Axes = given.Ints("axes"),
        };
        // Only one of both counts; an empty list is as good as none.
        Value? region = resize.Coordinates == ResizeCoordinates.CropAndResize ? node.Input(1) : null;
        return Place(node, resize, region, Filled(node.Optional(2)), Filled(node.Optional(3)));
    }

    /// <summary>Upsample-7 and 9, and Resize-10: pixels begin at their upper left corner.</summary>
    public static Value[] Upsample(OnnxNode node)
    {
        var resize = new Resize
        {
            Interpolation = node.Attributes.OneOf("mode", "nearest", "linear", "bilinear") == "nearest" ? Interpolation.Nearest : Interpolation.Linear,
            Coordinates = ResizeCoordinates.Asymmetric,
            Rounding = NearestRounding.Floor,
        };
        Value scales = node.Attributes.Has("scales") ? node.Constant(Tensor.Vector<float>(node.Attributes.Floats("scales"))) : node.Input(1);
        return Place(node, resize, null, scales, null);
    }

    /// <summary>
    /// Pictures are resized channels last, as all spatial operators: what speaks of axes is permuted like them. A batch or channels that change
    /// size too (nobody does that to pictures) would give the same result, more slowly.
    /// </summary>
    private static Value[] Place(OnnxNode node, Resize resize, Value? region, Value? scales, Value? sizes)
    {
        if (scales is null && sizes is null) throw node.Problem("it has neither scales nor sizes");
        Value x = node.Input(0);
        bool picture = x.Type.Shape.Rank is 3 or 4 or 5 && region is null;
        if (picture)
        {
            int rank = x.Type.Shape.Rank;
            long[] order = [0, .. Enumerable.Range(2, rank - 2), 1];
            if (resize.Axes.Length > 0)
                resize.Axes = Array.ConvertAll(resize.Axes, axis => (long)Array.IndexOf(order, axis < 0 ? axis + rank : axis));
            else
            {
                if (scales is not null) scales = node.Prepare(new Gather(), scales, node.Integers(order));
                if (sizes is not null) sizes = node.Prepare(new Gather(), sizes, node.Integers(order));
            }
        }
        if (sizes is { Constant: not null })
        {
            resize.Sizes = node.Integers(sizes);
            sizes = null;
        }
        if (scales is { Constant: { Type.DataType: DataType.F32 } constant })
        {
            resize.Scales = constant.Span<float>().ToArray();
            scales = null;
        }
        return [picture ? node.ChannelsLast(x, y => node.Add1(resize, y, region, scales, sizes)) : node.Add1(resize, x, region, scales, sizes)];
    }

    private static Value? Filled(Value? value) => value is { Type.Shape: { Rank: 1 } shape } && shape[0] == 0 ? null : value;
}
