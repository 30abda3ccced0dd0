using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Onnx.Proto;
using Google.Protobuf;
using static EdgeRuntime.Tests.Unit.OnnxModels;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>The cases of <see cref="ReferenceOperatorTests"/>.</summary>
internal static class ReferenceCases
{
    private const string Ms = "com.microsoft.";

    private static int drawn;

    public static readonly ReferenceCase[] All =
    [
        .. Attention(), .. Fused(), .. Spatial(), .. Others(), .. Learning(),
    ];

    private static IEnumerable<ReferenceCase> Attention()
    {
        yield return new("attention", "Attention", 23, [], F(2, 4, 3, 8), F(2, 4, 5, 8), F(2, 4, 5, 6));
        yield return new("attention, flat, causal", "Attention", 23, [Int("q_num_heads", 4), Int("kv_num_heads", 2), Int("is_causal", 1)], F(2, 5, 32), F(2, 5, 16), F(2, 5, 16));
        yield return new("attention, mask of truth", "Attention", 23, [Float("scale", 0.3f)], F(2, 4, 3, 8), F(2, 4, 5, 8), F(2, 4, 5, 6), B(3, 5));
        yield return new("attention, mask of numbers", "Attention", 23, [], F(2, 4, 3, 8), F(2, 4, 5, 8), F(2, 4, 5, 6), F(2, 1, 3, 5));
        yield return new("attention, soft cap and mask", "Attention", 23, [Float("softcap", 0.7f)], F(2, 4, 3, 8), F(2, 4, 5, 8), F(2, 4, 5, 6), F(2, 1, 3, 5));
        yield return new("attention, past", "Attention", 23, [Int("is_causal", 1)], F(2, 4, 3, 8), F(2, 4, 3, 8), F(2, 4, 3, 6), null, F(2, 4, 2, 8), F(2, 4, 2, 6)) { Outputs = 3 };
        foreach (int mode in new[] { 0, 1, 2, 3 })
            yield return new($"attention, scores {mode}", "Attention", 23, [Int("qk_matmul_output_mode", mode), Float("softcap", 2)], F(1, 2, 3, 8), F(1, 2, 5, 8), F(1, 2, 5, 6), F(3, 7), F(1, 2, 2, 8), F(1, 2, 2, 6)) { Outputs = 4 };

        AttributeProto heads = Int("num_heads", 4);
        yield return new("projected attention", Ms + "Attention", 17, [heads], F(2, 5, 12), F(12, 48), F(48));
        yield return new("projected attention, lengths", Ms + "Attention", 17, [heads], F(2, 5, 12), F(12, 48), F(48), I32(3, 5));
        yield return new("projected attention, ends and starts", Ms + "Attention", 17, [heads], F(2, 5, 12), F(12, 48), F(48), I32(3, 5, 1, 0));
        yield return new("projected attention, mask of keys", Ms + "Attention", 17, [heads], F(2, 5, 12), F(12, 48), F(48), Z(2, 5));
        yield return new("projected attention, mask of queries and keys", Ms + "Attention", 17, [heads], F(2, 5, 12), F(12, 48), F(48), Z(2, 5, 5));
        yield return new("projected attention, one direction", Ms + "Attention", 17, [heads, Int("unidirectional", 1)], F(2, 5, 12), F(12, 48), F(48), null, F(2, 2, 4, 3, 4)) { Outputs = 2 };
        yield return new("projected attention, one direction and mask", Ms + "Attention", 17, [heads, Int("unidirectional", 1)], F(2, 5, 12), F(12, 48), F(48), Z(2, 5));
        yield return new("projected attention, addition", Ms + "Attention", 17, [heads], F(2, 5, 12), F(12, 48), F(48), null, null, F(2, 4, 5, 5));
        yield return new("projected attention, sizes of their own", Ms + "Attention", 17, [heads, Ints("qkv_hidden_sizes", 16, 16, 8)], F(2, 5, 12), F(12, 40), F(40));

        yield return new("heads", Ms + "MultiHeadAttention", 17, [heads], F(2, 3, 16), F(2, 5, 16), F(2, 5, 24));
        yield return new("heads, bias", Ms + "MultiHeadAttention", 17, [heads], F(2, 3, 16), F(2, 5, 16), F(2, 5, 24), F(56));
        yield return new("heads, lengths", Ms + "MultiHeadAttention", 17, [heads], F(2, 3, 16), F(2, 5, 16), F(2, 5, 24), null, I32(2, 5));
        yield return new("heads, mask", Ms + "MultiHeadAttention", 17, [heads], F(2, 3, 16), F(2, 5, 16), F(2, 5, 24), null, Z(2, 5));
        yield return new("heads, addition", Ms + "MultiHeadAttention", 17, [heads], F(2, 3, 16), F(2, 5, 16), F(2, 5, 24), null, null, F(1, 4, 3, 5));
        yield return new("heads, split keys", Ms + "MultiHeadAttention", 17, [heads], F(2, 3, 16), F(2, 4, 5, 4), F(2, 4, 5, 4));
        yield return new("heads, past, one direction", Ms + "MultiHeadAttention", 17, [heads, Int("unidirectional", 1)], F(2, 3, 16), F(2, 3, 16), F(2, 3, 16), null, null, null, F(2, 4, 2, 4), F(2, 4, 2, 4)) { Outputs = 3 };

        AttributeProto[] group = [heads, Int("kv_num_heads", 2)];
        yield return new("groups, first run", Ms + "GroupQueryAttention", 17, group, F(1, 3, 32), F(1, 3, 16), F(1, 3, 16), F(1, 2, 0, 8), F(1, 2, 0, 8), I32(2), S32(3)) { Outputs = 3 };
        yield return new("groups, next run", Ms + "GroupQueryAttention", 17, group, F(1, 1, 32), F(1, 1, 16), F(1, 1, 16), F(1, 2, 3, 8), F(1, 2, 3, 8), I32(3), S32(4)) { Outputs = 3 };
        yield return new("groups, room to spare", Ms + "GroupQueryAttention", 17, group, F(2, 1, 32), F(2, 1, 16), F(2, 1, 16), F(2, 2, 9, 8), F(2, 2, 9, 8), I32(3, 5), S32(6)) { Outputs = 3, Compared = 1 };
        yield return new("groups, packed and rotated", Ms + "GroupQueryAttention", 17, [.. group, Int("do_rotary", 1)], F(1, 3, 128), null, null, F(1, 2, 0, 16), F(1, 2, 0, 16), I32(2), S32(3), F(9, 8), F(9, 8)) { Outputs = 3 };
        yield return new("groups, rotated later", Ms + "GroupQueryAttention", 17, [.. group, Int("do_rotary", 1), Int("rotary_interleaved", 1)], F(1, 1, 64), F(1, 1, 32), F(1, 1, 32), F(1, 2, 3, 16), F(1, 2, 3, 16), I32(3), S32(4), F(9, 8), F(9, 8)) { Outputs = 3 };
        yield return new("groups, window and soft cap", Ms + "GroupQueryAttention", 17, [.. group, Int("local_window_size", 2), Float("softcap", 0.5f)], F(1, 5, 32), F(1, 5, 16), F(1, 5, 16), F(1, 2, 0, 8), F(1, 2, 0, 8), I32(4), S32(5));
        yield return new("groups, smooth", Ms + "GroupQueryAttention", 17, [.. group, Int("smooth_softmax", 1)], F(1, 5, 32), F(1, 5, 16), F(1, 5, 16), F(1, 2, 0, 8), F(1, 2, 0, 8), I32(4), S32(5));

        yield return new("rotation", "RotaryEmbedding", 23, [], F(2, 4, 3, 8), F(50, 4), F(50, 4), I(new Shape(2, 3), 3, 7, 1, 0, 2, 9));
        yield return new("rotation, flat and in part", "RotaryEmbedding", 23, [Int("num_heads", 4), Int("rotary_embedding_dim", 4)], F(2, 3, 32), F(50, 2), F(50, 2), I(new Shape(2, 3), 3, 7, 1, 0, 2, 9));
        yield return new("rotation, neighbours", "RotaryEmbedding", 23, [Int("interleaved", 1)], F(2, 4, 3, 8), F(2, 3, 4), F(2, 3, 4));
        yield return new("own rotation", Ms + "RotaryEmbedding", 17, [], F(2, 3, 32), I(new Shape(1), 5), F(50, 4), F(50, 4));
        yield return new("own rotation, neighbours", Ms + "RotaryEmbedding", 17, [Int("interleaved", 1)], F(2, 4, 3, 8), I(new Shape(2, 3), 3, 7, 1, 0, 2, 9), F(50, 4), F(50, 4));
    }

    private static IEnumerable<ReferenceCase> Fused()
    {
        yield return new("quick gelu", Ms + "QuickGelu", 17, [], F(3, 4));
        yield return new("bias gelu", Ms + "BiasGelu", 17, [], F(3, 4), F(4));
        yield return new("gelu", Ms + "Gelu", 17, [], F(3, 4));
        yield return new("fused convolution", Ms + "FusedConv", 17, [Ints("kernel_shape", 3, 3), Text("activation", "LeakyRelu"), Floats("activation_params", 0.2f)], F(1, 2, 5, 6), F(3, 2, 3, 3), F(3));
        yield return new("fused convolution and sum", Ms + "FusedConv", 17, [Ints("kernel_shape", 3, 3), Text("activation", "Relu")], F(1, 2, 5, 6), F(3, 2, 3, 3), F(3), F(1, 3, 3, 4));
        yield return new("fused convolution, clipped", Ms + "FusedConv", 17, [Ints("kernel_shape", 3, 3), Text("activation", "Clip"), Floats("activation_params", -0.1f, 0.4f)], F(1, 2, 5, 6), F(3, 2, 3, 3));
        yield return new("fused gemm", Ms + "FusedGemm", 17, [Text("activation", "LeakyRelu"), Float("activation_alpha", 0.1f), Int("transB", 1), Float("alpha", 0.5f)], F(3, 4), F(5, 4), F(5));
        yield return new("fused product", Ms + "FusedMatMul", 17, [Float("alpha", 0.5f), Int("transA", 1)], F(2, 4, 3), F(2, 4, 5));
        yield return new("fused product of batches", Ms + "FusedMatMul", 17, [Int("transBatchA", 1), Int("transBatchB", 1), Int("transB", 1)], F(3, 2, 4), F(5, 2, 4));
        yield return new("transposed product", Ms + "TransposeMatMul", 17, [Int("transB", 1)], F(3, 4), F(5, 4));
        yield return new("simplified norm", "SimplifiedLayerNormalization", 17, [], F(2, 3, 8), F(8));
        yield return new("skip simplified norm", Ms + "SkipSimplifiedLayerNormalization", 17, [], F(2, 3, 8), F(2, 3, 8), F(8), F(8));
        yield return new("distances", Ms + "CDist", 17, [Text("metric", "euclidean")], F(3, 4), F(5, 4));
        yield return new("squares of distances", Ms + "CDist", 17, [], F(3, 4), F(5, 4));
        yield return new("own axis", Ms + "ExpandDims", 17, [], F(3, 4), S32(-1)) { Constants = [1] };
        yield return new("inverse", Ms + "Inverse", 17, [], F(2, 4, 4)) { Tolerance = 1e-3 };
        yield return new("own pad", Ms + "Pad", 17, [Text("mode", "reflect")], F(3, 4), I(new Shape(4), 1, 0, 2, 1));
        yield return new("own triangle", Ms + "Trilu", 17, [Int("upper", 0)], F(3, 4), Tensor.Scalar(1L));
        yield return new("own range", Ms + "Range", 17, [], Tensor.Scalar(1f), Tensor.Scalar(4.5f));
        yield return new("own gather", Ms + "GatherND", 17, [], F(3, 4), I(new Shape(2, 2), 0, 1, 2, 3));
        yield return new("own unique", Ms + "Unique", 17, [], Tensor.Vector(2f, 1f, 2f, 3f, 1f)) { Outputs = 3 };
    }

    private static IEnumerable<ReferenceCase> Spatial()
    {
        yield return new("affine grid", "AffineGrid", 20, [], F(2, 2, 3), I(new Shape(4), 2, 3, 4, 5));
        yield return new("affine grid of volumes", "AffineGrid", 20, [Int("align_corners", 1)], F(2, 3, 4), I(new Shape(5), 2, 3, 4, 5, 2));
        yield return new("grid sample of volumes", "GridSample", 20, [], F(1, 2, 3, 4, 5), F(1, 2, 3, 2, 3));
        yield return new("grid sample of volumes, nearest", "GridSample", 20, [Text("mode", "nearest"), Text("padding_mode", "border")], F(1, 2, 3, 4, 5), F(1, 2, 3, 2, 3));
        yield return new("grid sample, cubic", "GridSample", 20, [Text("mode", "cubic"), Text("padding_mode", "reflection")], F(1, 2, 4, 5), F(1, 3, 2, 2));
        yield return new("columns to picture", "Col2Im", 18, [], F(1, 5, 5), I(new Shape(2), 5, 5), I(new Shape(2), 1, 5));
        yield return new("columns to picture, strides and pads", "Col2Im", 18, [Ints("strides", 2, 2), Ints("pads", 0, 1, 0, 1)], F(2, 8, 6), I(new Shape(2), 4, 5), I(new Shape(2), 2, 2));
        yield return new("columns to picture, dilations", "Col2Im", 18, [Ints("dilations", 1, 2)], F(1, 4, 12), I(new Shape(2), 5, 5), I(new Shape(2), 2, 2));
        yield return new("columns to volume", "Col2Im", 18, [], F(1, 10, 12), I(new Shape(3), 3, 4, 5), I(new Shape(3), 1, 1, 5));
        yield return new("crop and pad", "CenterCropPad", 18, [], F(10, 7, 3), I(new Shape(3), 7, 10, 3));
        yield return new("crop and pad, axes", "CenterCropPad", 18, [Ints("axes", 1, -1)], F(20, 8, 5), I(new Shape(2), 5, 8)) { Constants = [1] };
        yield return new("moved convolution", "DeformConv", 19, [Ints("kernel_shape", 2, 2), Int("offset_group", 2), Ints("pads", 1, 0, 0, 1)], F(1, 4, 5, 4), F(3, 4, 2, 2), F(1, 16, 5, 4), F(3), F(1, 8, 5, 4));
        yield return new("moved convolution, groups", "DeformConv", 19, [Ints("kernel_shape", 3, 3), Int("group", 2), Ints("strides", 2, 1)], F(2, 4, 7, 6), F(6, 2, 3, 3), F(2, 18, 3, 4));
        yield return new("maximum of regions", "MaxRoiPool", 17, [Ints("pooled_shape", 2, 3), Float("spatial_scale", 0.5f)], F(2, 3, 8, 9), Tensor.From(new Shape(3, 5), 0f, 0, 0, 9, 9, 1, 3, 2, 12, 14, 1, 4, 4, 5, 6));
        yield return new("group norm 18", "GroupNormalization", 18, [Int("num_groups", 2)], F(2, 4, 3, 3), F(2), F(2));
        yield return new("group norm 21", "GroupNormalization", 21, [Int("num_groups", 2)], F(2, 4, 3, 3), F(4), F(4));
        yield return new("pad that wraps", "Pad", 19, [Text("mode", "wrap")], F(3, 4), I(new Shape(4), 1, 2, 0, 3));
        yield return new("resize, smooth and smaller", "Resize", 19, [Text("mode", "linear"), Int("antialias", 1)], F(1, 1, 9, 7), null, Tensor.Vector(1f, 1f, 0.5f, 0.6f)) { Constants = [2] };
        yield return new("resize, cubic and smaller", "Resize", 19, [Text("mode", "cubic"), Int("antialias", 1)], F(1, 1, 9, 7), null, Tensor.Vector(1f, 1f, 0.5f, 0.6f)) { Constants = [2] };
        yield return new("resize within", "Resize", 19, [Text("mode", "linear"), Text("keep_aspect_ratio_policy", "not_larger"), Ints("axes", 2, 3)], F(1, 1, 9, 7), null, null, I(new Shape(2), 6, 6)) { Constants = [3] };
        yield return new("resize, symmetric", "Resize", 19, [Text("mode", "linear"), Text("coordinate_transformation_mode", "half_pixel_symmetric")], F(1, 1, 4, 5), null, Tensor.Vector(1f, 1f, 2.3f, 1.7f)) { Constants = [2] };
        yield return new("average pool with dilations", "AveragePool", 19, [Ints("kernel_shape", 2, 2), Ints("dilations", 2, 2), Int("ceil_mode", 1)], F(1, 2, 6, 7));
    }

    private static IEnumerable<ReferenceCase> Others()
    {
        yield return new("affine", "Affine", 7, [Float("alpha", 2), Float("beta", 0.5f)], F(3, 4));
        yield return new("scaled hyperbolic tangent", "ScaledTanh", 7, [Float("alpha", 2), Float("beta", 0.5f)], F(3, 4));
        yield return new("parametric softplus", "ParametricSoftplus", 7, [Float("alpha", 2), Float("beta", 0.5f)], F(3, 4));
        yield return new("scaled picture", "ImageScaler", 7, [Float("scale", 2), Floats("bias", 1, 2, 3)], F(1, 3, 2, 4));
        yield return new("cropped picture", "Crop", 7, [Ints("border", 1, 2, 0, 1)], F(1, 3, 6, 5));
        yield return new("cropped picture to a size", "Crop", 7, [Ints("border", 1, 2, 0, 0), Ints("scale", 2, 3)], F(1, 3, 6, 5));
        yield return new("swish", "Swish", 24, [Float("alpha", 1.5f)], F(3, 4));
        yield return new("tensor scatter", "TensorScatter", 24, [], F(2, 3, 5, 4), F(2, 3, 2, 4), I(new Shape(2), 3, 0));
        yield return new("tensor scatter in circles", "TensorScatter", 24, [Text("mode", "circular")], F(2, 3, 5, 4), F(2, 3, 2, 4), I(new Shape(2), 4, 1));
        yield return new("spectrum", "DFT", 20, [Int("onesided", 1)], F(2, 8, 1), null, Tensor.Scalar(1L)) { Constants = [2] };
        yield return new("texts joined", "StringConcat", 20, [], T("a", "b"), T("x", "y"));
        yield return new("texts split", "StringSplit", 20, [Text("delimiter", "."), Int("maxsplit", 1)], T("a.b.c", "d")) { Outputs = 2 };
        yield return new("texts split at spaces", "StringSplit", 20, [], T("  a b  c ", "d")) { Outputs = 2 };
        yield return new("texts matched", "RegexFullMatch", 20, [Text("pattern", "www.[\\w.-]+\\.\\bcom\\b")], T("www.google.com", "www.facebook.com", "www.bbc.co.uk"));
        yield return new("texts equal", "Equal", 19, [], T("a", "b"), T("a", "c"));
        yield return new("words counted", "TfIdfVectorizer", 9,
            [Text("mode", "TFIDF"), Int("min_gram_length", 1), Int("max_gram_length", 2), Int("max_skip_count", 1), Ints("ngram_counts", 0, 2), Ints("ngram_indexes", 2, 0, 1), Texts("pool_strings", "a", "b", "a", "b"), Floats("weights", 2, 3, 5)],
            T("a", "b", "c", "b", "a"));
        foreach (string reduction in new[] { "add", "mul", "min", "max" })
            yield return new($"scatter, {reduction}", "ScatterElements", 18, [Text("reduction", reduction), Int("axis", 1)], F(2, 4), I(new Shape(2, 3), 1, 1, 3, 0, 0, 2), F(2, 3));
    }

    private static IEnumerable<ReferenceCase> Learning()
    {
        const string ml = "ai.onnx.ml.";
        Tensor x = F(5, 3);
        yield return new("features", ml + "ArrayFeatureExtractor", 17, [], F(5, 4), I(new Shape(2), 3, 1));
        yield return new("binary features", ml + "Binarizer", 17, [Float("threshold", 0.1f)], x);
        yield return new("imputed", ml + "Imputer", 17, [Floats("imputed_value_floats", 1, 2, 3), Float("replaced_value_float", float.NaN)], Tensor.From(new Shape(2, 3), 0.5f, float.NaN, 1, float.NaN, 2, float.NaN));
        yield return new("labels of numbers", ml + "LabelEncoder", 17, [Ints("keys_int64s", 5, 7), Texts("values_strings", "five", "seven"), Text("default_string", "none")], I(new Shape(3), 7, 1, 5));
        yield return new("labels of texts", ml + "LabelEncoder", 17, [Texts("keys_strings", "a", "b"), Ints("values_int64s", 5, 7)], T("b", "c", "a"));
        yield return new("one hot", ml + "OneHotEncoder", 17, [Ints("cats_int64s", 1, 3, 5)], I(new Shape(2, 2), 3, 1, 5, 2));
        yield return new("one hot texts", ml + "OneHotEncoder", 17, [Texts("cats_strings", "a", "b")], T("b", "a", "c"));
        yield return new("scaled", ml + "Scaler", 17, [Floats("offset", 1, 2, 3), Floats("scale", 2, 0.5f, 1)], x);
        foreach (string norm in (string[])["MAX", "L1", "L2"]) yield return new($"normalized {norm}", ml + "Normalizer", 17, [Text("norm", norm)], x);
        yield return new("linear regression", ml + "LinearRegressor", 17, [Floats("coefficients", 1, 2, 3, -1, 0, 1), Floats("intercepts", 0.5f, -0.5f), Int("targets", 2)], x);
        foreach (string transform in (string[])["NONE", "SOFTMAX", "LOGISTIC"])
        {
            yield return new($"linear classes {transform}", ml + "LinearClassifier", 17, [Floats("coefficients", 1, 2, 3, -1, 0, 1, 0, 1, 0), Floats("intercepts", 0.5f, -0.5f, 0), Ints("classlabels_ints", 4, 5, 6), Text("post_transform", transform)], x) { Outputs = 2 };
            yield return new($"trees {transform}", ml + "TreeEnsembleClassifier", 17, [.. Forest(), Ints("class_treeids", 0, 0, 0, 1, 1), Ints("class_nodeids", 1, 3, 4, 1, 2), Ints("class_ids", 0, 1, 2, 1, 0), Floats("class_weights", 0.3f, 0.6f, 0.2f, 0.5f, 0.4f), Ints("classlabels_int64s", 7, 8, 9), Text("post_transform", transform)], x) { Outputs = 2 };
            yield return new($"trees of two classes {transform}", ml + "TreeEnsembleClassifier", 17, [.. Forest(), Ints("class_treeids", 0, 0, 0, 1, 1), Ints("class_nodeids", 1, 3, 4, 1, 2), Ints("class_ids", 0, 0, 0, 0, 0), Floats("class_weights", 0.3f, -0.6f, 0.2f, 0.5f, -0.4f), Texts("classlabels_strings", "no", "yes"), Text("post_transform", transform)], x) { Outputs = 2 };
        }
        yield return new("trees for the second class", ml + "TreeEnsembleClassifier", 17, [.. Forest(), Ints("class_treeids", 0, 0, 0, 1, 1), Ints("class_nodeids", 1, 3, 4, 1, 2), Ints("class_ids", 1, 1, 1, 1, 1), Floats("class_weights", 0.3f, -0.6f, 0.2f, 0.5f, -0.4f), Ints("classlabels_int64s", 0, 1)], x) { Outputs = 2 };
        yield return new("trees of shares", ml + "TreeEnsembleClassifier", 17, [.. Forest(), Ints("class_treeids", 0, 0, 0, 1, 1), Ints("class_nodeids", 1, 3, 4, 1, 2), Ints("class_ids", 0, 0, 0, 0, 0), Floats("class_weights", 0.3f, 0.1f, 0.2f, 0.5f, 0.1f), Ints("classlabels_int64s", 0, 1)], x) { Outputs = 2 };
        foreach (string aggregate in (string[])["SUM", "AVERAGE", "MIN", "MAX"])
            yield return new($"tree regression {aggregate}", ml + "TreeEnsembleRegressor", 17, [.. Forest(), Ints("target_treeids", 0, 0, 0, 1, 1), Ints("target_nodeids", 1, 3, 4, 1, 2), Ints("target_ids", 0, 1, 0, 0, 0), Floats("target_weights", 0.3f, -0.6f, 0.2f, 0.5f, -0.4f), Int("n_targets", 2), Text("aggregate_function", aggregate), Floats("base_values", 1, 2)], x);
        foreach (string kernel in (string[])["LINEAR", "POLY", "RBF", "SIGMOID"])
            yield return new($"support vectors {kernel}", ml + "SVMRegressor", 17, [Text("kernel_type", kernel), Floats("kernel_params", 0.5f, 1, 2), Floats("coefficients", 1, -2), Floats("support_vectors", 1, 2, 3, -1, 0, 1), Floats("rho", 0.3f), Int("n_supports", 2)], x);
    }

    /// <summary>Two trees of three features.</summary>
    private static AttributeProto[] Forest() =>
    [
        Ints("nodes_treeids", 0, 0, 0, 0, 0, 1, 1, 1), Ints("nodes_nodeids", 0, 1, 2, 3, 4, 0, 1, 2), Ints("nodes_featureids", 0, 0, 1, 0, 0, 2, 0, 0), Floats("nodes_values", 0.1f, 0, -0.2f, 0, 0, 0.3f, 0, 0),
        Texts("nodes_modes", "BRANCH_LEQ", "LEAF", "BRANCH_LEQ", "LEAF", "LEAF", "BRANCH_LEQ", "LEAF", "LEAF"), Ints("nodes_truenodeids", 1, 0, 3, 0, 0, 1, 0, 0), Ints("nodes_falsenodeids", 2, 0, 4, 0, 0, 2, 0, 0),
    ];

    private static AttributeProto Floats(string name, params float[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Floats };
        attribute.Floats.AddRange(values);
        return attribute;
    }

    private static AttributeProto Texts(string name, params string[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Strings };
        attribute.Strings.AddRange(values.Select(ByteString.CopyFromUtf8));
        return attribute;
    }

    /// <summary>Reals between -1 and 1, others each time.</summary>
    private static Tensor F(params ReadOnlySpan<int> dimensions)
    {
        var tensor = new Tensor(new TensorType(DataType.F32, dimensions));
        var random = new Random(drawn++);
        foreach (ref float value in tensor.Span<float>()) value = random.NextSingle() * 2 - 1;
        return tensor;
    }

    /// <summary>Truth values, each row's first true.</summary>
    private static Tensor B(params ReadOnlySpan<int> dimensions)
    {
        var tensor = new Tensor(new TensorType(DataType.Bool, dimensions));
        for (int i = 0; i < tensor.View.Bytes.Length; i++) tensor.View.Bytes[i] = (byte)(i % dimensions[^1] == 0 || i % 3 == 1 ? 1 : 0);
        return tensor;
    }

    /// <summary>Zeros and ones (I32), each row's first one.</summary>
    private static Tensor Z(params ReadOnlySpan<int> dimensions)
    {
        var tensor = new Tensor(new TensorType(DataType.I32, dimensions));
        for (int i = 0; i < tensor.Span<int>().Length; i++) tensor.Span<int>()[i] = i % dimensions[^1] == 0 || i % 3 == 1 ? 1 : 0;
        return tensor;
    }

    private static Tensor I(Shape shape, params ReadOnlySpan<long> values) => Tensor.From(shape, values);

    private static Tensor I32(params ReadOnlySpan<int> values) => Tensor.Vector(values);

    private static Tensor S32(int value) => Tensor.Scalar(value);

    private static Tensor T(params ReadOnlySpan<string> texts) => EdgeRuntime.Tools.Onnx.Operators.Texts.Tensor(texts);
}
